import { readFile, writeFile } from 'node:fs/promises'
import { MigrationError, readMigrationFiles } from '@freshet/database'

/** Beside the folder, in the form of `sha256sum`: `sha256sum -c migrations.sha256` checks it as well. */
const HASHES = 'migrations.sha256'

/**
 * Writes down the hash of each migration that is new. A database that has run it refuses an edited one; this refuses it
 * before it reaches any.
 *
 * @throws MigrationError for one that is written down and was edited, or is missing
 */
export async function keepMigrationHashes({
  service,
  folder,
}: {
  service: string
  folder: URL
}): Promise<void> {
  const files = await readMigrationFiles(service, new URL('migrations/', folder))
  const path = new URL(HASHES, folder)
  for (const [name, hash] of await readHashes(path)) {
    const now = files.find((file) => file.name === name)
    const advice = `if it has never left this branch, take its line out of ${HASHES}`
    if (now === undefined)
      throw new MigrationError(service, name, `its file is missing; bring it back, or, ${advice}`)
    if (now.hash !== hash) {
      const problem = `it was edited; undo the edit and write a new migration instead, or, ${advice}`
      throw new MigrationError(service, name, problem)
    }
  }
  const text = files.map(({ name, hash }) => `${hash}  migrations/${name}.ts\n`).join('')
  await writeFile(path, text)
}

async function readHashes(path: URL): Promise<Map<string, string>> {
  const text = await readFile(path, 'utf8').catch(() => '')
  return new Map(
    [...text.matchAll(/^([0-9a-f]{64}) {2}migrations\/(.+)\.ts$/gm)].map(([, hash, name]) => [name!, hash!]),
  )
}

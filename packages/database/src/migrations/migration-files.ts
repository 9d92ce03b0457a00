import { createHash } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import type { Migration } from 'kysely/migration'
import { MigrationError } from './migration-error.ts'

/** One file of a migrations folder. */
export interface MigrationFile {
  /** `0001_products` */
  readonly name: string
  /** SHA-256 of the file, to notice that it was edited after it ran. */
  readonly hash: string
  load(): Promise<LoadedMigration>
}

/** What a file exports. */
export interface LoadedMigration {
  readonly migration: Migration
  /** False: it runs outside of a transaction. */
  readonly transactional: boolean
}

const fileName = /^(\d{4}_[a-z0-9_]+)\.ts$/

/** The folder's migrations, in order. Any other file in it is an error: a misnamed migration would never run. */
export async function readMigrationFiles(service: string, folder: URL | string): Promise<MigrationFile[]> {
  const path = folder instanceof URL ? fileURLToPath(folder) : folder
  const names = await readdir(path).catch((error: unknown) => {
    throw new MigrationError(service, null, `its folder ${path} can't be read`, error)
  })
  const files = await Promise.all(names.sort().map((name) => readMigrationFile(service, path, name)))
  const numbers = new Set<string>()
  for (const { name } of files) {
    const number = name.slice(0, 4)
    if (numbers.has(number)) throw new MigrationError(service, name, `the number ${number} is there twice`)
    numbers.add(number)
  }
  return files
}

async function readMigrationFile(service: string, folder: string, file: string): Promise<MigrationFile> {
  const name = fileName.exec(file)?.[1]
  if (name === undefined) {
    throw new MigrationError(service, null, `${file} is not named like 0001_what_it_does.ts`)
  }
  const path = join(folder, file)
  const hash = createHash('sha256')
    .update(await readFile(path))
    .digest('hex')
  return {
    name,
    hash,
    async load() {
      // By its hash: what runs is what was hashed, also in a process that knows an earlier text of this file.
      const loaded: Partial<Migration> & { transactional?: unknown } = await import(
        `${pathToFileURL(path).href}?${hash}`
      )
      if (typeof loaded.up !== 'function') {
        throw new MigrationError(service, name, 'it exports no function `up`')
      }
      const { transactional = true } = loaded
      if (typeof transactional !== 'boolean') {
        throw new MigrationError(service, name, 'its `transactional` is neither true nor false')
      }
      return { migration: { up: loaded.up, down: loaded.down }, transactional }
    },
  }
}

import { createHash, randomBytes } from 'node:crypto'
import { existsSync, readdirSync, renameSync, rmSync } from 'node:fs'
import { basename, join } from 'node:path'
import { run } from './run.ts'

/** Arguments for the JVM of {@link keptClasses}. */
export type KeptClasses = {
  /** Maps the classes that were kept; none when there are none yet. */
  use: readonly string[]
  /** Keeps the classes of this process when it ends, unless some are kept already. */
  keep: readonly string[]
}

// A JVM of another kind has no such archives, and starts all the same.
const whereKnown = '-XX:+IgnoreUnrecognizedVMOptions'

/**
 * Kafka's classes as the JVM had them in memory, beside the jars that they came from: loading and verifying them is
 * almost half of what a start costs. The first broker that ends writes them (a class data archive), once for each
 * version of Java.
 */
export async function keptClasses(options: { java: string; jars: string }): Promise<KeptClasses> {
  const { java, jars } = options
  const version = await run(java, ['-version'])
  const id = createHash('sha256').update(version.output).digest('hex').slice(0, 8)
  const archive = join(jars, `classes-${id}.jsa`)
  if (!existsSync(archive)) await adopt(archive, options)
  if (existsSync(archive)) return { use: [whereKnown, `-XX:SharedArchiveFile=${archive}`], keep: [] }
  const written = `${archive}.${randomBytes(4).toString('hex')}`
  return { use: [], keep: [whereKnown, `-XX:ArchiveClassesAtExit=${written}`] }
}

// Tried before it gets the name by which it is used: its writer may have been killed, or still be writing.
async function adopt(archive: string, { java, jars }: { java: string; jars: string }): Promise<void> {
  for (const name of readdirSync(jars).filter((one) => one.startsWith(`${basename(archive)}.`))) {
    const written = join(jars, name)
    const trial = [`-XX:SharedArchiveFile=${written}`, '-Xshare:on', '-cp', `${jars}/*`, '-version']
    const { code } = await run(java, ['-XX:+UseSerialGC', ...trial])
    try {
      if (code === 0) renameSync(written, archive)
      else rmSync(written, { force: true })
    } catch (error) {
      // Another process has just done the same.
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
    }
  }
}

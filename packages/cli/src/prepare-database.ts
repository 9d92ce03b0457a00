import { ensureDatabase, migrate, provision, serviceUrl } from '@freshet/database'
import { readManifests, rolePassword, StoppedError } from '@freshet/local'
import { isSeeded, type ScaleName, type SeedOptions, seed } from '@freshet/seed'
import { servicesWithMigrations } from './migrations/services-with-migrations.ts'
import { createSeedReport } from './seed-report.ts'

/** Options of {@link prepareDatabase}. */
export type PrepareOptions = {
  /** Superuser's URL of the database to prepare, which is created when the server has none of that name. */
  adminUrl: string
  /** Fill it, if it is empty, with this much; left out: not at all. */
  scale?: ScaleName
  /** Whose database it is; see {@link seed}. */
  profile?: string
  report?: (line: string) => void
  signal?: AbortSignal
}

/** A database in which every service finds its schema. */
export type PreparedDatabase = {
  adminUrl: string
  /** The address for one service's role. */
  urlOf: (service: string) => string
}

/**
 * Creates the database, every service's role and schema, and their tables; then seeds it. Idempotent.
 *
 * @throws StoppedError when the signal is aborted before the seed; what was going on is reported
 */
export async function prepareDatabase(options: PrepareOptions): Promise<PreparedDatabase> {
  const { adminUrl, signal, report = () => {} } = options
  const urlOf = (service: string) => serviceUrl(adminUrl, service, rolePassword(adminUrl, service))
  const services = readManifests().filter(({ kind }) => kind === 'subgraph')
  await ensureDatabase(adminUrl)
  for (const { name } of services) {
    if (signal?.aborted) throw new StoppedError()
    await provision({ adminUrl, service: name, password: rolePassword(adminUrl, name) })
  }
  // One after the other: they would take turns anyway, and each would report that it waits for another.
  for (const { name, migrations: folder } of servicesWithMigrations()) {
    if (signal?.aborted) throw new StoppedError()
    const { applied } = await migrate({ url: urlOf(name), folder, service: name, report, signal }).catch(
      (error: unknown) => {
        if (!signal?.aborted) throw error
        report((error as Error).message)
        throw new StoppedError()
      },
    )
    if (applied.length > 0) report(`migrated ${name}: ${applied.join(', ')}`)
  }
  if (options.scale !== undefined)
    await seedIfEmpty({ scale: options.scale, profile: options.profile }, options)
  return { adminUrl, urlOf }
}

/** Fills a migrated database that is empty, or goes on where that was interrupted; false when the data is there. */
export async function seedIfEmpty(
  data: Pick<SeedOptions, 'seed' | 'until' | 'profile'> & { scale: ScaleName },
  options: Omit<PrepareOptions, 'scale' | 'profile'>,
): Promise<boolean> {
  const { adminUrl, signal, report = () => {} } = options
  signal?.throwIfAborted()
  if (await isSeeded({ adminUrl })) return false
  report(`filling the database with demo data (scale ${data.scale}), once`)
  const seedReport = createSeedReport(report)
  try {
    await seed({
      adminUrl,
      ...data,
      signal,
      onProgress: (progress) => seedReport.onProgress(progress),
    })
  } finally {
    seedReport.close()
  }
  return true
}

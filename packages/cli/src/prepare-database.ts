import { ensureDatabase, migrate, provision, serviceUrl } from '@freshet/database'
import { readManifests, rolePassword } from '@freshet/local'
import { isSeeded, type ScaleName, type SeedOptions, seed } from '@freshet/seed'
import { servicesWithMigrations } from './migrations/services-with-migrations.ts'
import { createSeedReport } from './seed-report.ts'

/** Options of {@link prepareDatabase}. */
export type PrepareOptions = {
  /** Superuser's URL of the database to prepare, which is created when the server has none of that name. */
  adminUrl: string
  /** Fill it, if it is empty, with this much; left out: not at all. */
  scale?: ScaleName
  report?: (line: string) => void
  signal?: AbortSignal
}

/** A database in which every service finds its schema. */
export type PreparedDatabase = {
  adminUrl: string
  /** The address for one service's role. */
  urlOf: (service: string) => string
}

/** Creates the database, every service's role and schema, and their tables; then seeds it. Idempotent. */
export async function prepareDatabase(options: PrepareOptions): Promise<PreparedDatabase> {
  const { adminUrl, signal, report = () => {} } = options
  const urlOf = (service: string) => serviceUrl(adminUrl, service, rolePassword(adminUrl, service))
  const services = readManifests().filter(({ kind }) => kind === 'subgraph')
  await ensureDatabase(adminUrl)
  for (const { name } of services) {
    signal?.throwIfAborted()
    await provision({ adminUrl, service: name, password: rolePassword(adminUrl, name) })
  }
  signal?.throwIfAborted()
  // All are waited for: one that goes on after another has failed would lose its server in the middle of a statement.
  const migrations = await Promise.allSettled(
    servicesWithMigrations().map(async ({ name, migrations: folder }) => {
      const { applied } = await migrate({ url: urlOf(name), folder, service: name, report })
      if (applied.length > 0) report(`migrated ${name}: ${applied.join(', ')}`)
    }),
  )
  const failed = migrations.find((result) => result.status === 'rejected')
  if (failed !== undefined) throw failed.reason
  if (options.scale !== undefined) await seedIfEmpty({ scale: options.scale }, options)
  return { adminUrl, urlOf }
}

/** Fills a migrated database that is empty, or goes on where that was interrupted; false when the data is there. */
export async function seedIfEmpty(
  data: Pick<SeedOptions, 'seed' | 'until'> & { scale: ScaleName },
  options: Omit<PrepareOptions, 'scale'>,
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

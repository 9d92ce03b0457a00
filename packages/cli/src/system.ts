import { randomBytes } from 'node:crypto'
import {
  type Parts,
  removeProfile,
  type Supergraph,
  type SupergraphOptions,
  startSupergraph,
  up,
} from '@freshet/local'
import type { ScaleName } from '@freshet/seed'
import pg from 'pg'
import { prepareDatabase } from './prepare-database.ts'
import { withDatabase } from './urls.ts'

/** Options of {@link startSystem}. */
export type SystemOptions = Omit<SupergraphOptions, 'parts' | 'databaseUrl' | 'profile' | 'serviceEnv'> & {
  /** A server on which a database of its own is made. */
  postgresAdminUrl: string
  /** Default `xs`; null leaves the tables empty. */
  scale?: ScaleName | null
  /** For one process, by its name. A function is told where Redis and Kafka are: to put a proxy before them, say. */
  serviceEnv?: ServiceEnv | ((parts: Pick<System, 'redisUrl' | 'kafkaBrokers'>) => Promise<ServiceEnv>)
}

type ServiceEnv = NonNullable<SupergraphOptions['serviceEnv']>

/** A whole supergraph that shares nothing but the PostgreSQL server with anybody. */
export type System = Supergraph & {
  /** Superuser's URL of its database. */
  adminUrl: string
  redisUrl: string
  kafkaBrokers: string[]
  /** Its logs are in `.freshet/<profile>/logs`, also after close(), until the next `npm test`; not when the signal was aborted. */
  profile: string
}

/**
 * Starts everything for an end-to-end test or a bench: a seeded database, a Redis and a Kafka of its own (topics and
 * consumer groups have fixed names: two supergraphs on one broker would take each other's events), the services.
 * close() removes all of it; after a killed run `freshet down` does.
 */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { postgresAdminUrl, scale = 'xs', report, signal } = options
  const profile = `system-${randomBytes(4).toString('hex')}`
  const adminUrl = withDatabase(postgresAdminUrl, `test_${profile.replaceAll('-', '_')}`)
  const remove = () => removeSystem({ profile, adminUrl }, { keepLogs: !signal?.aborted })
  try {
    // Both are waited for, whatever becomes of the other: what is still starting could not be removed.
    const [upped, prepared] = await Promise.allSettled([
      // Without the caller's FRESHET_* replacements: an isolated system must not share their Redis and Kafka.
      up({ profile, parts: ['redis', 'kafka'], env: {}, report, signal }),
      prepareDatabase({ adminUrl, scale: scale ?? undefined, report, signal }),
    ])
    if (upped.status === 'rejected') throw upped.reason
    if (prepared.status === 'rejected') throw prepared.reason
    const [parts, database] = [upped.value, prepared.value]
    const serviceEnv =
      typeof options.serviceEnv === 'function'
        ? await options.serviceEnv(reachable(parts))
        : options.serviceEnv
    const supergraph = await startSupergraph({
      ...options,
      serviceEnv,
      profile,
      parts,
      databaseUrl: database.urlOf,
    })
    const close = async () => {
      await supergraph.close()
      await remove()
    }
    return { ...supergraph, ...reachable(parts), adminUrl, profile, close }
  } catch (error) {
    await remove()
    throw error
  }
}

function reachable(parts: Parts): Pick<System, 'redisUrl' | 'kafkaBrokers'> {
  return { redisUrl: parts.redisUrl, kafkaBrokers: parts.kafkaBrokers.split(',') }
}

async function removeSystem(
  system: { profile: string; adminUrl: string },
  options: { keepLogs: boolean },
): Promise<void> {
  await removeProfile(system.profile, options)
  const name = new URL(system.adminUrl).pathname.slice(1)
  const client = new pg.Client({ connectionString: withDatabase(system.adminUrl, 'postgres') })
  await client.connect()
  try {
    await client.query(`drop database if exists ${client.escapeIdentifier(name)} with (force)`)
  } finally {
    await client.end()
  }
}

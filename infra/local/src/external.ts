import { parseRedisUrl } from '@freshet/config'
import { InvalidSetupError } from './errors.ts'
import { pingKafka } from './kafka.ts'
import { pingRedis } from './ping-redis.ts'
import { pingPostgres } from './postgres.ts'

/** The three parts. */
export type PartName = 'postgres' | 'redis' | 'kafka'

/** Parts that somebody else runs, by the variable that names them. */
export type ExternalParts = Partial<Record<PartName, string>>

/** Which variable replaces which part. */
export const externalVariables: Readonly<Record<PartName, string>> = {
  postgres: 'FRESHET_POSTGRES_URL',
  redis: 'FRESHET_REDIS_URL',
  kafka: 'FRESHET_KAFKA_BROKERS',
}

/** Reads the replaced parts and asks each for an answer. Throws with every problem, without showing a password. */
export async function externalParts(
  names: readonly PartName[],
  env: NodeJS.ProcessEnv,
): Promise<ExternalParts> {
  refuseUnknown(env)
  const given = names.flatMap((name) => {
    const value = env[externalVariables[name]]?.trim()
    return value === undefined || value === '' ? [] : [{ name, variable: externalVariables[name], value }]
  })
  const problems = await Promise.all(
    given.map(async ({ name, variable, value }) => {
      const malformed = check[name](value)
      if (malformed !== null) return `${variable} ${malformed}`
      try {
        await ping[name](value)
        return null
      } catch (error) {
        return `${variable}: ${withoutPassword(name, value)} does not answer (${reasonOf(error)}). Start it, correct the variable, or unset it to have ${name} started here.`
      }
    }),
  )
  const found = problems.filter((problem) => problem !== null)
  if (found.length > 0) throw new InvalidSetupError('The environment names parts that cannot be used', found)
  return Object.fromEntries(given.map(({ name, value }) => [name, value]))
}

/** What others of our own programs read or set. */
const otherVariables = /^FRESHET_(DATABASE_PASSWORD_|TEST_|E2E_|OWNER$|PROFILE$)/

// A misspelt FRESHET_POSTGRES_URL would start a database here, and fill it, while its owner thinks of another one.
function refuseUnknown(env: NodeJS.ProcessEnv): void {
  const known = Object.values(externalVariables)
  const unknown = Object.keys(env).filter(
    (name) => name.startsWith('FRESHET_') && !known.includes(name) && !otherVariables.test(name),
  )
  if (unknown.length === 0) return
  throw new InvalidSetupError(
    'The environment has variables that nothing reads',
    unknown.map((name) => `${name}: unset it; there are ${known.join(', ')}`),
  )
}

const check: Record<PartName, (value: string) => string | null> = {
  postgres: (value) =>
    urlProblem(value, ['postgres:', 'postgresql:'], 'postgres://user:password@host:5432/postgres'),
  redis: redisProblem,
  kafka: (value) =>
    value.split(',').every((broker) => /^[^\s:/,]+:\d{1,5}$/.test(broker.trim()))
      ? null
      : 'is not a list of brokers like host:9092,host:9093',
}

const ping: Record<PartName, (value: string) => Promise<void>> = {
  postgres: pingPostgres,
  redis: (value) => pingRedis(value),
  kafka: (value) => pingKafka(value.split(',').map((broker) => broker.trim())),
}

function redisProblem(value: string): string | null {
  try {
    parseRedisUrl(value)
    return null
  } catch (error) {
    return `${reasonOf(error)}; it should look like redis://host:6379, redis+cluster://host:6379,host:6379 or redis+sentinel://host:26379/master-name`
  }
}

function urlProblem(value: string, protocols: string[], example: string): string | null {
  if (!URL.canParse(value)) return `is not a URL like ${example}`
  const { protocol, hostname } = new URL(value)
  if (!protocols.includes(protocol)) return `has the protocol ${protocol}//, it should look like ${example}`
  return hostname === '' ? `has no host, it should look like ${example}` : null
}

function withoutPassword(name: PartName, value: string): string {
  // Several hosts make no URL.
  if (name !== 'postgres') return value.replace(/\/\/[^@/]*@/, '//').replace(/\?.*/, '')
  const url = new URL(value)
  return `${url.protocol}//${url.host}${url.pathname}`
}

// A connection refused on both 127.0.0.1 and ::1 is an AggregateError without a message of its own.
function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0])
  return error instanceof Error ? error.message || error.name : String(error)
}

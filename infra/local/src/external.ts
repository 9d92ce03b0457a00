import { parseRedisUrl } from '@freshet/config'
import { InvalidSetupError, reasonOf } from './errors.ts'
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

/** The replaced parts, each of which has answered. Throws with every problem, without showing a password. */
export async function externalParts(
  names: readonly PartName[],
  env: NodeJS.ProcessEnv,
): Promise<ExternalParts> {
  const found = await externalProblems(names, env)
  if (found.length > 0) throw new InvalidSetupError('The environment names parts that cannot be used', found)
  return Object.fromEntries(replaced(names, env).map(({ name, value }) => [name, value]))
}

/** Everything that is wrong with them; asks each for an answer. */
export async function externalProblems(
  names: readonly PartName[],
  env: NodeJS.ProcessEnv,
): Promise<string[]> {
  const problems = await Promise.all(
    replaced(names, env).map(async ({ name, variable, value }) => {
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
  return [...unknownVariables(env), ...problems.filter((problem) => problem !== null)]
}

function replaced(names: readonly PartName[], env: NodeJS.ProcessEnv) {
  return names.flatMap((name) => {
    const value = env[externalVariables[name]]?.trim()
    return value === undefined || value === '' ? [] : [{ name, variable: externalVariables[name], value }]
  })
}

/** What others of our own programs read or set. */
const otherVariables = /^FRESHET_(DATABASE_PASSWORD_|TEST_|E2E_|OWNER$|PROFILE$)/

// A misspelt FRESHET_POSTGRES_URL would start a database here, and fill it, while its owner thinks of another one.
function unknownVariables(env: NodeJS.ProcessEnv): string[] {
  const known = Object.values(externalVariables)
  return Object.keys(env)
    .filter((name) => name.startsWith('FRESHET_') && !known.includes(name) && !otherVariables.test(name))
    .map((name) => `${name} is a variable that nothing reads: unset it; there are ${known.join(', ')}`)
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

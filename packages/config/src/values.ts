import { z } from 'zod'
import { sensitive } from './mask.ts'
import { parseRedisUrl, RedisUrlError } from './redis-url.ts'

/**
 * Schemas of single variables. Each carries a description, which is what a person is told when the
 * value is missing or wrong: keep it in the form "a ..., like ...".
 */

/** A whole number written in decimal digits: no `1e3`, no `0x10`, no blanks, which `z.coerce` would let pass. */
export function wholeNumber({ min = 0, max = Number.MAX_SAFE_INTEGER }: { min?: number; max?: number } = {}) {
  const range = max === Number.MAX_SAFE_INTEGER ? `of at least ${min}` : `from ${min} to ${max}`
  return z
    .string()
    .transform((text, context) => {
      if (!/^-?\d{1,15}$/.test(text)) return refuse(context, text, 'is not a whole number')
      const value = Number(text)
      return value >= min && value <= max ? value : refuse(context, text, 'is out of range')
    })
    .describe(`a whole number ${range}`)
}

/** A TCP port; 0 lets the system choose one. */
export const port = wholeNumber({ min: 0, max: 65_535 }).describe('a TCP port from 0 to 65535')

/** A span of time in milliseconds, at most a day: longer ones are somebody's typing error. */
export const milliseconds = wholeNumber({ min: 0, max: 86_400_000 }).describe(
  'milliseconds, from 0 to 86400000 (one day)',
)

/** `true`, `false`, `1` or `0`, in any case. */
export const flag = z
  .string()
  .transform((text, context) => {
    if (/^(true|1)$/i.test(text)) return true
    if (/^(false|0)$/i.test(text)) return false
    return refuse(context, text, 'is neither true nor false')
  })
  .describe('true, false, 1 or 0')

/** A secret of at least 16 characters. Its value is never printed. */
export const secret = sensitive(
  z
    .string()
    .min(16, 'is shorter than 16 characters')
    .describe('a secret of at least 16 characters, like the output of `openssl rand -hex 32`'),
)

/** The URL of a PostgreSQL database; must name the database. Its password is never printed. */
export const postgresUrl = sensitive(
  urlOf(['postgres:', 'postgresql:'], (url) =>
    url.pathname.length > 1 ? undefined : 'does not name a database',
  ).describe('a URL like postgres://user:password@host:5432/database'),
)

/** The URL of a Redis or Valkey: one server, a cluster, or Sentinels. {@link parseRedisUrl}. Its password is never printed. */
export const redisUrl = sensitive(
  z
    .string()
    .transform((text, context) => {
      try {
        parseRedisUrl(text)
        return text
      } catch (error) {
        if (!(error instanceof RedisUrlError)) throw error
        return refuse(context, text, error.message)
      }
    })
    .describe(
      'a URL like redis://host:6379/0, redis+cluster://host:6379,host:6379 or redis+sentinel://host:26379,host:26379/master-name/0 (rediss for TLS)',
    ),
)

/** The URL of something spoken to over HTTP. A password in it is never printed. */
export const httpUrl = sensitive(urlOf(['http:', 'https:']).describe('a URL like http://host:4001/path'))

/** Kafka's bootstrap brokers: `host:port`, separated by commas. */
export const brokers = z
  .string()
  .transform((text, context) => {
    const list = text
      .split(',')
      .map((broker) => broker.trim())
      .filter((broker) => broker !== '')
    if (!list.every(isHostAndPort)) return refuse(context, text, 'has an entry that is not host:port')
    if (list.length === 0) return refuse(context, text, 'names no broker')
    return list
  })
  .describe('host:port, several separated by commas')

/** A variable that holds JSON, checked by `schema` once it is parsed. */
export function json<S extends z.ZodType>(schema: S) {
  return z
    .string()
    .transform((text, context) => {
      try {
        return JSON.parse(text) as unknown
      } catch {
        // Not the parser's message: it quotes a piece of the text, which may be anything.
        return refuse(context, text, 'is not JSON')
      }
    })
    .pipe(schema)
    .describe('JSON')
}

function urlOf(
  protocols: readonly string[],
  extraProblem: (url: URL) => string | undefined = () => undefined,
) {
  return z.string().transform((text, context) => {
    const url = URL.canParse(text) ? new URL(text) : undefined
    if (url === undefined || url.hostname === '') return refuse(context, text, 'is not a URL with a host')
    if (!protocols.includes(url.protocol)) {
      const schemes = protocols.map((protocol) => `${protocol}//`).join(' nor ')
      return refuse(context, text, `does not start with ${schemes}`)
    }
    const problem = extraProblem(url)
    return problem === undefined ? text : refuse(context, text, problem)
  })
}

function isHostAndPort(text: string): boolean {
  const match = /^(?:[\w.-]+|\[[0-9a-f:]+\]):(\d{1,5})$/i.exec(text)
  return match !== null && Number(match[1]) >= 1 && Number(match[1]) <= 65_535
}

function refuse(context: z.RefinementCtx, input: unknown, message: string): never {
  context.addIssue({ code: 'custom', input, message })
  return z.NEVER
}

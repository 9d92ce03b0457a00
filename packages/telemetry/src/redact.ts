import { types } from 'node:util'
import { stdSerializers } from 'pino'

/** Keys whose values never reach a log line, wherever they stand. */
const SECRET_KEY =
  /^(authorization|proxy-authorization|cookie|set-cookie|pass|passwd|.*password.*|.*secret.*|.*token|api[-_]?key|freshet-(viewer|signature))$/i

/** What stands in a secret's place. */
const CENSOR = '[redacted]'

/** Deeper objects are cut: a log line is not a dump, and a cycle must end somewhere. */
const DEEPEST = 8

/** Returns a copy without secrets' values; errors become plain objects. Never changes its input. */
export function redact(value: unknown, depth = 0): unknown {
  if (value === null || typeof value !== 'object') return value
  if (depth >= DEEPEST) return '[too deep]'
  if (types.isNativeError(value)) return redact({ ...stdSerializers.err(value) }, depth + 1)
  if (Array.isArray(value)) return value.map((item) => redact(item, depth + 1))
  if (value instanceof Date || Buffer.isBuffer(value) || 'toJSON' in value) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_KEY.test(key) && inner !== undefined && inner !== null ? CENSOR : redact(inner, depth + 1),
    ]),
  )
}

/**
 * Masks credentials inside text: a URL's user information, bearer tokens and session tokens.
 * Messages of drivers quote the URL that they failed to reach.
 */
export function maskText(text: string): string {
  return text
    .replace(/\b([a-z][a-z\d+.-]*:\/\/)[^\s/"'<>]*@/gi, '$1***@')
    .replace(/\b(bearer|basic)\s+[\w.~+/=-]{6,}/gi, `$1 ${CENSOR}`)
    .replace(/\bfst_[\w-]+/g, CENSOR)
}

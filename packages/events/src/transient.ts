/**
 * Throw it from a handler to say: not this event's fault, try again later, however long it takes.
 */
export class TransientError extends Error {
  readonly code = 'TRANSIENT'
  constructor(message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'TransientError'
  }
}

/**
 * What a handler's error says about the event.
 *
 * - `unavailable`: a part it needs is away. Every event would fail; waiting is right, for as long as it takes.
 * - `contended`: a timeout, a deadlock, a full pool. Waiting usually helps, but an event whose own statement is too
 *   slow looks the same, so the waiting has an end.
 * - `failed`: the event's own fault, as far as one can tell.
 */
export type Verdict = 'unavailable' | 'contended' | 'failed'

const unavailableCodes = new Set([
  'TRANSIENT',
  'BUS_UNAVAILABLE',
  // @freshet/cache: Redis has not acknowledged an invalidation.
  'CACHE_UNAVAILABLE',
  'ECONNREFUSED',
  'ECONNRESET',
  'ECONNABORTED',
  'EPIPE',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'ETIMEDOUT',
  'UND_ERR_SOCKET',
  'UND_ERR_CONNECT_TIMEOUT',
  // PostgreSQL: shut down by an administrator, crashed, starting up, session ended for being idle; read-only standby.
  '57P01',
  '57P02',
  '57P03',
  '57P05',
  '25006',
])

const contendedCodes = new Set([
  '40001', // serialization_failure
  '40P01', // deadlock_detected
  '55P03', // lock_not_available
  '57014', // query_canceled: statement_timeout
  '25P03', // idle_in_transaction_session_timeout
  'UND_ERR_HEADERS_TIMEOUT',
  'UND_ERR_BODY_TIMEOUT',
  'UND_ERR_ABORTED',
  'ABORT_ERR',
])

/** pg, pg-pool and ioredis give some connection errors no code. The texts are those of the pinned versions. */
const unavailableMessages =
  /^(Connection terminated|timeout exceeded when trying to connect|Client has encountered a connection error|Client was closed|Connection is closed|Stream isn't writeable|(LOADING|READONLY|CLUSTERDOWN|MASTERDOWN|TRYAGAIN) )/

/** Judges an error by the codes along its chain of causes; the most hopeful one counts. */
export function judge(error: unknown): Verdict {
  let verdict: Verdict = 'failed'
  for (const link of chain(error)) {
    const one = judgeOne(link)
    if (one === 'unavailable') return one
    if (one === 'contended') verdict = one
  }
  return verdict
}

function judgeOne(error: Error & { code?: unknown; retriable?: unknown }): Verdict {
  const code = typeof error.code === 'string' ? error.code : ''
  // Classes 08 (connection) and 53 (out of connections, memory or disk) of SQLSTATE.
  if (unavailableCodes.has(code) || /^(08|53)[0-9A-Z]{3}$/.test(code)) return 'unavailable'
  if (unavailableMessages.test(error.message) || error.name === 'MaxRetriesPerRequestError')
    return 'unavailable'
  if (error.name.startsWith('KafkaJS') && error.retriable === true) return 'unavailable'
  if (contendedCodes.has(code) || error.name === 'TimeoutError' || error.name === 'AbortError')
    return 'contended'
  return 'failed'
}

/** The error, its causes and the errors it collects. Bounded: a cause may point back. */
function* chain(error: unknown): Generator<Error> {
  const waiting = [error]
  for (let seen = 0; waiting.length > 0 && seen < 20; seen++) {
    const next = waiting.shift()
    if (!(next instanceof Error) && !isErrorLike(next)) continue
    yield next as Error
    waiting.push((next as Error).cause)
    if (next instanceof AggregateError) waiting.push(...next.errors)
  }
}

/** Errors made in another realm (a jest sandbox, a worker) are no instances of this one's Error. */
const isErrorLike = (value: unknown): value is Error =>
  typeof value === 'object' && value !== null && 'message' in value && 'name' in value

import { maskText } from '@freshet/telemetry'

/** Resolves when a part that the process needs is usable; rejects with what is wrong otherwise. */
export type Check = () => Promise<void>

/** Each check's name with `ok` or what is wrong. */
export type CheckResults = Record<string, string>

/** Longer messages are dumps: the log has them, the probe does not need them. */
const LONGEST_MESSAGE = 200

/**
 * Runs all checks at once, each bounded by `timeoutMs`. Never rejects. Credentials in messages are
 * masked: /readyz is read by people and machines that need not know them.
 *
 * Probes that arrive while a run is on share its result, so that a storm of them can't load a
 * database that is already slow.
 */
export function createChecks(
  checks: Readonly<Record<string, Check>>,
  timeoutMs: number,
): () => Promise<CheckResults> {
  let running: Promise<CheckResults> | undefined
  async function run(): Promise<CheckResults> {
    const results = await Promise.all(
      Object.entries(checks).map(async ([name, check]) => [name, await outcome(check, timeoutMs)] as const),
    )
    return Object.fromEntries(results)
  }
  return () => {
    running ??= run().finally(() => {
      running = undefined
    })
    return running
  }
}

/** `ok`, or what is wrong: masked and short. Never rejects. */
export async function outcome(check: Check, timeoutMs: number): Promise<string> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(() => late.reject(new Error(`no answer within ${timeoutMs} ms`)), timeoutMs)
  try {
    // The check is started inside an async function, so that one that throws at once is caught too.
    await Promise.race([(async () => check())(), late.promise])
    return 'ok'
  } catch (error) {
    return maskText(describe(error)).slice(0, LONGEST_MESSAGE)
  } finally {
    clearTimeout(timer)
  }
}

/** The first line of a message; Node's AggregateError (all addresses refused) has none of its own. */
function describe(error: unknown): string {
  if (typeof error !== 'object' || error === null) return 'failed'
  const { message, code, errors } = error as { message?: unknown; code?: unknown; errors?: unknown }
  if (typeof message === 'string' && message !== '') return message.split('\n', 1)[0]!
  if (Array.isArray(errors) && errors.length > 0) return describe(errors[0])
  return typeof code === 'string' ? code : 'failed'
}

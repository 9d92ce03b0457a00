import type { Logger } from '@freshet/telemetry'

/** A database that comes and goes may say so this often. */
const everyMs = 10_000

/** One line when the database can't be reached any more, one when it can: not one with a stack for each statement. */
export function createOutageLog(logger: Logger) {
  let since = 0
  let failures = 0
  let told = false
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    failed(error: unknown): void {
      failures++
      since ||= Date.now()
      if (told || Date.now() - toldAt < everyMs) return
      told = true
      toldAt = Date.now()
      logger.error({ err: error }, 'the database can not be reached')
    },
    answered(): void {
      if (since === 0) return
      if (told) logger.info({ failures, lastedMs: Date.now() - since }, 'the database answers again')
      since = 0
      failures = 0
      told = false
    },
  }
}

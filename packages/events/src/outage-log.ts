import type { Logger } from '@freshet/telemetry'

/**
 * One line when an outage begins, one every 30 s while it lasts, and one when it is over: a Kafka that is away for
 * an hour must be visible in the log, not be the log.
 */
export function createOutageLog(logger: Logger, everyMs = 30_000) {
  let since = 0
  let failures = 0
  let loggedAt = Number.NEGATIVE_INFINITY
  let told = false
  return {
    failed(message: string, error: unknown): void {
      failures++
      since ||= Date.now()
      if (Date.now() - loggedAt < everyMs) return
      loggedAt = Date.now()
      told = true
      logger.warn({ err: error, failures, lastsMs: Date.now() - since }, message)
    },
    over(message: string): void {
      if (since === 0) return
      if (told) logger.info({ failures, lastedMs: Date.now() - since }, message)
      since = 0
      failures = 0
      told = false
    },
  }
}

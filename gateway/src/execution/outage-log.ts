import type { Logger } from '@freshet/telemetry'
import type { SubgraphError } from './subgraph-error.ts'

/** A subgraph that comes and goes may say so this often. */
const everyMs = 10_000

/** What became of the calls to a subgraph, for the log. */
export interface OutageLog {
  failed(error: SubgraphError, operationName?: string): void
  answered(): void
}

/**
 * One line when a subgraph begins to fail and one when it answers again, not one for each request: how many fail is
 * in the metrics, and which operations in their own lines.
 */
export function createOutageLog(logger: Logger, subgraph: string, over: string): OutageLog {
  let since = 0
  let failures = 0
  let told = false
  let toldAt = Number.NEGATIVE_INFINITY
  return {
    failed(error, operationName) {
      const { failure, cause, message } = error
      // What the breaker refuses is part of the outage that it knows of.
      if (failure === 'circuit-open') return
      if (!error.isOutage) return logger.warn({ subgraph, failure, operationName }, message)
      failures++
      since ||= Date.now()
      if (told || Date.now() - toldAt < everyMs) return
      told = true
      toldAt = Date.now()
      logger.warn({ subgraph, failure, err: cause, operationName }, message)
    },
    answered() {
      if (since === 0) return
      if (told) logger.info({ subgraph, failures, lastedMs: Date.now() - since }, over)
      since = 0
      failures = 0
      told = false
    },
  }
}

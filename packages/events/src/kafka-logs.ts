import type { Logger } from '@freshet/telemetry'
import { type LogEntry, type logCreator, logLevel } from 'kafkajs'

/**
 * What kafkajs calls an error is mostly something it then retries: a coordinator that loads, a leader that moves, a
 * broker that restarts. Those are its business. What fails for good comes to the caller as an exception, and is
 * logged there with its meaning.
 */
const noise =
  /coordinator is (not available|loading|not aware)|leadership election|in the middle of|Limiting retries for the idempotent producer|rebalancing|Restarting the consumer|not the leader|Failed to execute listener|no longer a member/i

/** A broker that can't be reached fails every part that needs it, and each of them says so once, with its meaning. */
const quiet = /Connection|BrokerPool/

/** kafkajs's log on ours: its information is our debug, its errors are warnings, the same one at most once in 10 s. */
export function kafkaLogCreator(logger: Logger, everyMs = 10_000): logCreator {
  const child = logger.child({ part: 'kafkajs' })
  const seen = new Map<string, number>()
  const isRepeated = (text: string) => {
    const now = Date.now()
    if (now - (seen.get(text) ?? Number.NEGATIVE_INFINITY) < everyMs) return true
    if (seen.size > 200) seen.clear()
    seen.set(text, now)
    return false
  }
  return () =>
    ({ namespace, level, log }: LogEntry) => {
      const { message, timestamp: _timestamp, stack: _stack, logger: _logger, ...details } = log
      const text = `${namespace ? `[${namespace}] ` : ''}${message}`
      const told = `${text} ${String(details.error ?? '')}`
      const loud = (level === logLevel.ERROR || level === logLevel.WARN) && !quiet.test(namespace)
      if (loud && !noise.test(told) && !isRepeated(told)) child.warn(details, text)
      else child.debug(details, text)
    }
}

import type { Logger } from '@freshet/telemetry'
import { type EventBus, type IncomingMessage, MessageRefusedError, type OutgoingMessage } from './bus.ts'
import { deadLetterOf, type Failure, stubBytes, stubLetterOf } from './dead-letter.ts'
import type { EventMetrics } from './metrics.ts'
import { contextOf, sendTraced } from './trace.ts'

/** Where a consumer puts what it gives up. */
export interface Graveyard {
  /**
   * Resolves when the dead letter is stored; throws what the bus throws. Of a message that is too large for a whole
   * letter only a stub is stored.
   */
  bury(message: IncomingMessage, reason: Failure['reason'], error: unknown, attempts: number): Promise<void>
  /** Says in the log what it has only counted so far. */
  close(): void
}

/** A flood of poison must be visible in the log, not be the log. */
const countEveryMs = 10_000

/** Writes the dead letters of a group to its service's topic, counts them, and says so in the log. */
export function createGraveyard(parts: {
  bus: EventBus
  service: string
  group: string
  logger: Logger
  metrics: EventMetrics
}): Graveyard {
  const { bus, service, group, logger, metrics } = parts
  /** Per reason: the letters since the last line, while lines are held back. */
  const quiet = new Map<string, { letters: number; timer: NodeJS.Timeout }>()

  function tell(reason: string, about: object): void {
    const held = quiet.get(reason)
    if (held) {
      held.letters++
      return
    }
    logger.error({ ...about, reason }, 'an event went to the dead letters')
    const timer = setInterval(() => tellCount(reason), countEveryMs).unref()
    quiet.set(reason, { letters: 0, timer })
  }

  function tellCount(reason: string): void {
    const held = quiet.get(reason)
    if (!held) return
    if (held.letters > 0)
      logger.error({ reason, letters: held.letters }, 'more events went to the dead letters')
    else {
      clearInterval(held.timer)
      quiet.delete(reason)
    }
    held.letters = 0
  }

  async function send(message: IncomingMessage, letter: OutgoingMessage): Promise<void> {
    const caused = { message: letter, cause: contextOf(message.headers) }
    await sendTraced([caused], (outgoing) => bus.publish(outgoing))
  }

  /** Resolves to false when only a stub was stored. */
  async function store(message: IncomingMessage, failure: Failure): Promise<boolean> {
    try {
      await send(message, deadLetterOf(service, message, failure))
      return true
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error
    }
    try {
      await send(message, stubLetterOf(service, message, failure, stubBytes))
    } catch (error) {
      if (!(error instanceof MessageRefusedError)) throw error
      await send(message, stubLetterOf(service, message, failure, 0))
    }
    return false
  }

  return {
    close() {
      for (const [reason, { timer }] of quiet) {
        clearInterval(timer)
        tellCount(reason)
      }
      quiet.clear()
    },
    async bury(message, reason, error, attempts) {
      const { topic, partition, offset } = message
      const cause = error instanceof Error ? error : new Error(String(error))
      const whole = await store(message, {
        reason,
        error: cause.message,
        code: 'code' in cause ? String(cause.code) : cause.name,
        topic,
        partition,
        offset,
        group,
        attempts,
        at: new Date().toISOString(),
      })
      metrics.deadLetters.add(1, { group, topic, reason })
      metrics.consumed.add(1, { group, topic, outcome: 'dead-letter' })
      tell(reason, { err: cause, topic, partition, offset, attempts, ...(!whole && { cut: true }) })
    },
  }
}

import type { Logger } from '@freshet/telemetry'
import type { EventBus, IncomingMessage } from './bus.ts'
import { deadLetterOf, type Failure } from './dead-letter.ts'
import type { EventMetrics } from './metrics.ts'
import { contextOf, sendTraced } from './trace.ts'

/** Where a consumer puts what it gives up. */
export interface Graveyard {
  /** Resolves when the dead letter is stored; throws what the bus throws. */
  bury(message: IncomingMessage, reason: Failure['reason'], error: unknown, attempts: number): Promise<void>
}

/** Writes the dead letters of a group to its service's topic, counts them, and says so in the log. */
export function createGraveyard(parts: {
  bus: EventBus
  service: string
  group: string
  logger: Logger
  metrics: EventMetrics
}): Graveyard {
  const { bus, service, group, logger, metrics } = parts
  return {
    async bury(message, reason, error, attempts) {
      const { topic, partition, offset } = message
      const cause = error instanceof Error ? error : new Error(String(error))
      const letter = deadLetterOf(service, message, {
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
      const caused = { message: letter, cause: contextOf(message.headers) }
      await sendTraced([caused], (outgoing) => bus.publish(outgoing))
      metrics.deadLetters.add(1, { group, topic, reason })
      metrics.consumed.add(1, { group, topic, outcome: 'dead-letter' })
      logger.error({ err: cause, topic, partition, offset, attempts }, 'an event went to the dead letters')
    },
  }
}

import { setTimeout as pause } from 'node:timers/promises'
import {
  type CloudEvent,
  type EventBus,
  type EventReading,
  type IncomingMessage,
  parseEvent,
  type Subscription,
} from '@freshet/events'
import type { Logger } from '@freshet/telemetry'

/** What is done with the events of one topic. */
export interface Following {
  readonly topic: string
  /** @throws UnreadableEventError */
  readonly follow: (message: IncomingMessage) => void
}

/** @param arrived is called with each event, and must return at once */
export function following<Data>(
  reading: EventReading<Data>,
  arrived: (event: CloudEvent<Data>) => void,
): Following {
  return {
    topic: reading.topic,
    follow: ({ value }) => {
      if (value !== null) arrived(parseEvent(reading, value))
    },
  }
}

/** A member of the probe's group. */
export interface Stream {
  /** True from the moment that it has its partitions. */
  isJoined(): boolean
  close(): Promise<void>
}

const TRY_AGAIN_MS = 2_000

/**
 * Follows topics from now on, for as long as it takes until there is a Kafka that has them. It is no consumer in the sense of
 * @freshet/events: nothing that it can't take is tried again or becomes a dead letter, for those whose work it is do that; and
 * a replay that is for another group is checked like anything else.
 *
 * @param options.oldestMs what has been in Kafka for longer is skipped: a check of it would say nothing about when it was followed
 */
export function followStream(options: {
  bus: Pick<EventBus, 'subscribe'>
  group: string
  followings: readonly Following[]
  oldestMs: number
  skipped: (reason: 'old' | 'unreadable') => void
  logger: Logger
}): Stream {
  const { bus, group, followings, oldestMs, skipped, logger } = options
  const closing = new AbortController()
  const byTopic = Map.groupBy(followings, ({ topic }) => topic)
  let subscription: Subscription | undefined
  let isJoined = false

  function take(message: IncomingMessage): void {
    if (Date.now() - message.timestampMs > oldestMs) {
      skipped('old')
      return
    }
    try {
      for (const { follow } of byTopic.get(message.topic) ?? []) follow(message)
    } catch (error) {
      skipped('unreadable')
      const { topic, partition, offset } = message
      logger.warn({ err: error, topic, partition, offset }, 'an event can not be read, and is not checked')
    }
  }

  async function join(): Promise<void> {
    for (let isTold = false; !closing.signal.aborted; isTold = true) {
      try {
        subscription = await bus.subscribe({
          group,
          topics: [...byTopic.keys()],
          fromBeginning: false,
          async handle({ messages, done }) {
            for (const message of messages) {
              take(message)
              done(message)
            }
          },
        })
        // Closed while it was asked for: `close` had nothing to close yet, and waits for this.
        if (closing.signal.aborted) return await subscription.close()
        await subscription.ready()
        isJoined = true
        return logger.info({ group }, 'the probe follows the invalidations')
      } catch (error) {
        if (closing.signal.aborted) return
        if (!isTold) logger.warn({ err: error }, 'the probe waits for Kafka')
        await pause(TRY_AGAIN_MS, undefined, { signal: closing.signal }).catch(() => undefined)
      }
    }
  }

  const joining = join()
  return {
    isJoined: () => isJoined,
    async close() {
      closing.abort()
      await subscription?.close()
      await joining
    },
  }
}

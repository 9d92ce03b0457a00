import { asOperation } from '@freshet/database'
import type { Logger } from '@freshet/telemetry'
import {
  type Delivery,
  type EventBus,
  type IncomingMessage,
  MessageRefusedError,
  type Subscription,
  UndeclaredTopicError,
} from './bus.ts'
import { deadLetterTopic } from './dead-letter.ts'
import type { CloudEvent } from './event.ts'
import { createGraveyard } from './graveyard.ts'
import { type EventHandler, requireDistinctTypes, single } from './handlers.ts'
import { createLagGauge } from './lag-gauge.ts'
import { createEventMetrics } from './metrics.ts'
import { createOutageLog } from './outage-log.ts'
import { planSteps, type Step } from './steps.ts'
import { processBatchTraced, processTraced } from './trace.ts'
import { judge } from './transient.ts'
import { backoff, wait } from './wait.ts'

/** A running consumer. */
export interface EventConsumer {
  /**
   * Joins the group in the background: a Kafka that is away is waited for, it doesn't stop the service from starting.
   *
   * @throws UndeclaredTopicError when Kafka answers and a topic, or the service's dead-letter topic, is missing.
   */
  start(): Promise<void>
  /** Resolves when the group has given this process its partitions. */
  ready(): Promise<void>
  /** Finishes the running effects (bounded), commits, leaves the group. */
  close(): Promise<void>
}

/** Settings of a consumer. */
export interface EventConsumerOptions {
  readonly bus: EventBus
  /** Owner of the consumer; its dead letters go to `<service>.dead-letters`. */
  readonly service: string
  /** One group per purpose, shared by all processes of the service: `users-product-facts`. */
  readonly group: string
  readonly handlers: readonly EventHandler[]
  readonly logger: Logger
  /** Tries of an event whose handler fails by its own fault, in place. Default 3. */
  readonly attempts?: number
  /** Wait after the first failed try; doubles. Default 100 ms. */
  readonly retryMs?: number
  /** How often contention (timeouts, deadlocks) postpones an event before it counts as failed. Default 20. */
  readonly maxPostponements?: number
  /** First and longest pause of a partition while a part is away. Default 200 ms and 15 s. */
  readonly pauseMs?: { first: number; longest: number }
  /** Partitions handled at the same time. Default 4. */
  readonly concurrency?: number
  /**
   * Called, before the dead letter is written, with a message that can't be read: an invalidator drops its coarse
   * tag here. It is retried like a handler.
   */
  readonly onUnreadable?: (message: IncomingMessage, error: Error) => Promise<void>
}

type Outcome = 'done' | 'postponed'

/**
 * Creates a consumer: reads events, runs the handlers, and commits an offset only after the effect (or the dead
 * letter) is stored. Events of types without a handler are skipped and counted.
 *
 * What happens to a message that fails:
 * 1. A part is away (`judge` says `unavailable`): the partition is paused and tried again, for as long as it lasts.
 *    Good events never become dead letters because a database restarts.
 * 2. Contention: the same, but not for ever.
 * 3. Anything else: `attempts` tries in place, then the dead letters, and the partition goes on.
 * 4. Unreadable: straight to the dead letters.
 * If the dead letter can't be written, the message is not done.
 */
export function createConsumer(options: EventConsumerOptions): EventConsumer {
  const { bus, service, group, handlers, attempts = 3, retryMs = 100, maxPostponements = 20 } = options
  requireDistinctTypes(handlers)
  const pauseMs = options.pauseMs ?? { first: 200, longest: 15_000 }
  const logger = options.logger.child({ part: 'consumer', group })
  const metrics = createEventMetrics()
  const outage = createOutageLog(logger)
  const graveyard = createGraveyard({ bus, service, group, logger, metrics })
  const topics = [...new Set(handlers.map(({ reading }) => reading.topic))]
  /** Per partition: how often its next message was postponed, and how many messages in a row became dead letters. */
  const troubles = new Map<string, { postponed: number; deadInARow: number }>()
  const closing = new AbortController()
  let subscription: Promise<Subscription> | null = null
  let lagGauge: { close(): void } | null = null

  const attributes = { 'messaging.consumer.group.name': group }
  const count = (outcome: string, topic: string, many = 1) =>
    metrics.consumed.add(many, { group, topic, outcome })

  const troubleOf = ({ topic, partition }: Delivery) => {
    const key = `${topic}/${partition}`
    const trouble = troubles.get(key) ?? { postponed: 0, deadInARow: 0 }
    troubles.set(key, trouble)
    return trouble
  }

  async function handle(delivery: Delivery): Promise<void> {
    for (const step of planSteps(delivery.messages, handlers, group)) {
      if (delivery.signal.aborted) return
      if ((await take(step, delivery)) === 'postponed') return
    }
  }

  async function take(step: Step, delivery: Delivery): Promise<Outcome> {
    switch (step.kind) {
      case 'skip':
        count(step.why, step.message.topic)
        delivery.done(step.message)
        return 'done'
      case 'unreadable':
        return attempt(step.message, delivery, step, async () => {
          await options.onUnreadable?.(step.message, step.error)
          await graveyard.bury(step.message, 'unreadable', step.error, 1)
        })
      case 'one':
        return attempt(step.message, delivery, step, (number) =>
          timed(step.message.topic, () =>
            processTraced(step.message, { ...attributes, ...about(step.event) }, () =>
              step.handler.handle(step.event, { consumer: group, attempt: number, signal: delivery.signal }),
            ),
          ),
        )
      case 'batch':
        return takeBatch(step, delivery)
    }
  }

  async function takeBatch(step: Extract<Step, { kind: 'batch' }>, delivery: Delivery): Promise<Outcome> {
    const { messages, events, handler } = step
    const context = { consumer: group, attempt: 1, signal: delivery.signal }
    try {
      await timed(delivery.topic, () =>
        processBatchTraced(messages, { ...attributes, 'cloudevents.event_type': handler.reading.type }, () =>
          handler.handle(distinct(events), context),
        ),
      )
    } catch (error) {
      if (delivery.signal.aborted) return 'postponed'
      if (judge(error) === 'unavailable') return postpone(delivery, error)
      if (messages.length > 1) {
        logger.warn(
          { err: error, topic: delivery.topic, events: events.length },
          'a batch failed; trying one by one',
        )
      }
      for (const [index, message] of messages.entries()) {
        if (delivery.signal.aborted) return 'postponed'
        const one = { kind: 'one', message, event: events[index]!, handler: single(handler) } as const
        if ((await take(one, delivery)) === 'postponed') return 'postponed'
      }
      return 'done'
    }
    succeeded(delivery, events)
    count('done', delivery.topic, messages.length)
    delivery.done(messages.at(-1)!)
    return 'done'
  }

  /** Runs one message's effect until it is done, dead, or postponed. */
  async function attempt(
    message: IncomingMessage,
    delivery: Delivery,
    step: Extract<Step, { kind: 'one' | 'unreadable' }>,
    effect: (number: number) => Promise<void>,
  ): Promise<Outcome> {
    const trouble = troubleOf(delivery)
    for (let number = 1; ; number++) {
      try {
        await effect(number)
        succeeded(delivery, step.kind === 'one' ? [step.event] : [])
        if (step.kind === 'one') count('done', message.topic)
        delivery.done(message)
        return 'done'
      } catch (error) {
        // Closing, or the partition was taken away: whoever gets it next starts with this message.
        if (delivery.signal.aborted) return 'postponed'
        const verdict = judge(error)
        if (verdict === 'unavailable' || error instanceof UndeclaredTopicError)
          return postpone(delivery, error)
        // After several dead letters in a row waiting has been shown not to help: a flood of poison must not crawl.
        const tries = trouble.deadInARow >= 3 ? 1 : attempts
        if (number < tries) {
          await wait(backoff(number, retryMs, 2000), delivery.signal)
          continue
        }
        if (verdict === 'contended' && trouble.postponed < maxPostponements) return postpone(delivery, error)
        return die(message, delivery, error, number)
      }
    }
  }

  async function die(
    message: IncomingMessage,
    delivery: Delivery,
    error: unknown,
    tries: number,
  ): Promise<Outcome> {
    try {
      await graveyard.bury(message, 'failed', error, tries)
    } catch (failure) {
      // No part is away: Kafka does not want even the stub (an authorization, say).
      const refused = failure instanceof MessageRefusedError || failure instanceof UndeclaredTopicError
      return postpone(
        delivery,
        failure,
        refused ? 'a dead letter is refused; its partition waits' : undefined,
      )
    }
    const trouble = troubleOf(delivery)
    trouble.deadInARow++
    trouble.postponed = 0
    delivery.done(message)
    return 'done'
  }

  function postpone(
    delivery: Delivery,
    error: unknown,
    why = 'events wait until the part that they need is back',
  ): Outcome {
    const trouble = troubleOf(delivery)
    trouble.postponed++
    count('postponed', delivery.topic)
    outage.failed(why, error)
    delivery.pause(backoff(trouble.postponed, pauseMs.first, pauseMs.longest))
    return 'postponed'
  }

  function succeeded(delivery: Delivery, events: readonly { type: string; time: string }[]): void {
    const trouble = troubleOf(delivery)
    trouble.postponed = 0
    trouble.deadInARow = 0
    outage.over('events are handled again')
    for (const { type, time } of events) {
      metrics.age.record(Math.max(0, Date.now() - Date.parse(time)) / 1000, { group, type })
    }
  }

  async function timed(topic: string, run: () => Promise<void>): Promise<void> {
    const startedAt = performance.now()
    let result = 'failed'
    try {
      await run()
      result = 'done'
    } finally {
      metrics.handlerDuration.record((performance.now() - startedAt) / 1000, { group, topic, result })
    }
  }

  /** Tries until Kafka answers. */
  async function subscribe(): Promise<Subscription> {
    for (let failures = 1; ; failures++) {
      try {
        await bus.requireTopics([...topics, deadLetterTopic(service)])
        const { concurrency } = options
        lagGauge = createLagGauge({ bus, group, topics, metrics })
        return await bus.subscribe({
          group,
          topics,
          handle: (delivery) => asOperation(`consume ${group}`, () => handle(delivery)),
          ...(concurrency && { concurrency }),
        })
      } catch (error) {
        if (closing.signal.aborted || error instanceof UndeclaredTopicError) throw error
        outage.failed('the consumer waits for Kafka', error)
        await wait(backoff(failures, 200, 5000), closing.signal)
      }
    }
  }

  return {
    async start() {
      subscription = subscribe()
      // A missing topic is reported here when Kafka answers soon; afterwards it is `ready` and `close` that throw.
      subscription.catch((error) => {
        if (!closing.signal.aborted) logger.error({ err: error }, 'the consumer could not start')
      })
      await Promise.race([subscription, wait(3000, closing.signal)])
    },
    async ready() {
      await (await subscription)?.ready()
    },
    async close() {
      closing.abort()
      lagGauge?.close()
      const running = await subscription?.catch(() => null)
      await running?.close()
      graveyard.close()
    },
  }
}

const about = (event: { id: string; type: string }) => ({
  'cloudevents.event_id': event.id,
  'cloudevents.event_type': event.type,
})

/** Each event once: `onceMany` can tell a duplicate from an earlier batch, not one within its own list. */
const distinct = (events: readonly CloudEvent[]): CloudEvent[] => [
  ...new Map(events.map((event) => [event.id, event])).values(),
]

import type { Logger } from '@freshet/telemetry'
import type { EachBatchPayload, Kafka } from 'kafkajs'
import type { Delivery, SubscribeOptions, Subscription } from './bus.ts'
import { toIncoming } from './kafka-message.ts'
import { createOutageLog } from './outage-log.ts'
import { withoutInstrumentation } from './uninstrumented.ts'
import { backoff, settledWithin, wait } from './wait.ts'

const LONGEST_BACKOFF_MS = 10_000
/** A member that was in its group for so long has run. */
const STAYED_MS = 30_000

/**
 * A member of a consumer group.
 *
 * - Offsets are committed by us, after the effects; at the end of each batch, and during a long one with each
 *   heartbeat. kafkajs commits nothing.
 * - kafkajs sends heartbeats only between batches. A timer sends them during a long effect, and learns there of a
 *   rebalance: the delivery's signal is aborted, what is done is committed, and the group is joined again.
 * - A handler never throws into kafkajs: after some throws it would crash the consumer and make the whole group
 *   rebalance. A failing partition is paused instead, and the others go on.
 * - kafkajs would restart after the crashes that it holds for passing, also when it is disconnected meanwhile: then it
 *   comes back with nobody left to end it. After the others it would stay down silently. So it never restarts by
 *   itself: after each crash a new one is made, here.
 */
export function createKafkaSubscription(
  kafka: Kafka,
  options: SubscribeOptions,
  { logger, sessionTimeoutMs }: { logger: Logger; sessionTimeoutMs: number },
): Subscription {
  const { group, topics, fromBeginning = true, concurrency = 4 } = options
  const heartbeatMs = Math.floor(sessionTimeoutMs / 4)
  const outage = createOutageLog(logger.child({ part: 'kafka-subscription', group }))
  const closing = new AbortController()
  const joined = Promise.withResolvers<void>()
  joined.promise.catch(() => {}) // Nobody has to wait for it.
  const timers = new Set<NodeJS.Timeout>()
  const failures = new Map<string, number>()
  /** In a row, without having stayed in the group. */
  let attempts = 0

  /** Runs one member until it crashes, or the subscription closes. */
  async function member(): Promise<void> {
    const current = kafka.consumer({
      groupId: group,
      sessionTimeout: sessionTimeoutMs,
      rebalanceTimeout: sessionTimeoutMs * 2,
      heartbeatInterval: heartbeatMs,
      allowAutoTopicCreation: false,
      // A fetch that waits delays both a close and a resumed partition: short, at the price of some idle requests.
      maxWaitTimeInMs: 250,
      retry: {
        initialRetryTime: 200,
        multiplier: 2,
        factor: 0.2,
        maxRetryTime: 5000,
        retries: 8,
        restartOnFailure: async () => false,
      },
    })
    let joinedAtMs = Number.POSITIVE_INFINITY
    const crashed = Promise.withResolvers<never>()
    crashed.promise.catch(() => {})
    current.on('consumer.crash', ({ payload }) => crashed.reject(payload.error))
    current.on('consumer.group_join', () => {
      joinedAtMs = Math.min(joinedAtMs, performance.now())
      outage.over('the consumer is in its group again')
      joined.resolve()
    })
    try {
      await current.connect()
      await current.subscribe({ topics: [...topics], fromBeginning })
      const run = withoutInstrumentation(current, 'run')
      await run({
        autoCommit: false,
        eachBatchAutoResolve: false,
        partitionsConsumedConcurrently: concurrency,
        eachBatch: (payload) => deliver(payload),
      })
      await Promise.race([crashed.promise, aborted(closing.signal)])
    } finally {
      // What crashes as soon as it has joined must not have the whole group rebalance all the time.
      if (performance.now() - joinedAtMs > STAYED_MS) attempts = 0
      // Bounded: kafkajs waits for running effects, and for a broker that may be gone.
      await settledWithin(current.disconnect(), 5000)
    }
  }

  async function keepMember(): Promise<void> {
    while (!closing.signal.aborted) {
      try {
        await member()
      } catch (error) {
        outage.failed('the consumer could not run and is made anew', error)
        await wait(backoff(++attempts, 200, LONGEST_BACKOFF_MS), closing.signal)
      }
    }
  }

  async function deliver(payload: EachBatchPayload): Promise<void> {
    const { topic, partition } = payload.batch
    const stop = new AbortController()
    let progress = false
    let lastDone = ''
    let pauseMs = 0
    let lost: unknown
    const commit = async () => {
      if (!progress) return
      progress = false
      await payload.commitOffsetsIfNecessary(payload.uncommittedOffsets())
    }
    const beat = setInterval(() => {
      payload
        .heartbeat()
        .then(commit)
        .catch((error) => {
          lost = error
          stop.abort(error)
        })
    }, heartbeatMs)
    const delivery: Delivery = {
      topic,
      partition,
      messages: payload.batch.messages.map((message) => toIncoming(topic, partition, message)),
      signal: AbortSignal.any([stop.signal, closing.signal]),
      done(message) {
        progress = true
        lastDone = message.offset
        payload.resolveOffset(message.offset)
      },
      pause(delayMs) {
        pauseMs = delayMs
      },
    }
    const key = `${topic}/${partition}`
    try {
      await options.handle(delivery)
      const complete = delivery.messages.length === 0 || lastDone === delivery.messages.at(-1)?.offset
      // Not done and not paused: without a wait the same messages would come again at once, for ever.
      if (!complete && pauseMs === 0 && !delivery.signal.aborted) pauseMs = 1000
      failures.delete(key)
    } catch (error) {
      const many = (failures.get(key) ?? 0) + 1
      failures.set(key, many)
      logger.error(
        { err: error, group, topic, partition, failures: many },
        'a delivery failed and is repeated',
      )
      pauseMs = backoff(many, 200, 15_000)
    } finally {
      clearInterval(beat)
    }
    await commit()
    if (lost) throw lost
    if (pauseMs > 0 && !closing.signal.aborted) pauseFor(payload.pause(), pauseMs)
  }

  function pauseFor(resume: () => void, ms: number): void {
    const timer = setTimeout(() => {
      timers.delete(timer)
      try {
        resume()
      } catch {
        // The member was replaced meanwhile: its successor starts unpaused.
      }
    }, ms)
    timers.add(timer)
  }

  const finished = keepMember()
  return {
    ready: () => joined.promise,
    async close() {
      closing.abort()
      joined.reject(new Error(`The subscription of ${group} was closed`))
      for (const timer of timers) clearTimeout(timer)
      if (!(await settledWithin(finished, 6000))) {
        logger.warn({ group }, 'the consumer did not stop in time; what it was doing will be delivered again')
      }
    },
  }
}

const aborted = (signal: AbortSignal) =>
  new Promise<void>((resolve) => {
    if (signal.aborted) resolve()
    else signal.addEventListener('abort', () => resolve(), { once: true })
  })

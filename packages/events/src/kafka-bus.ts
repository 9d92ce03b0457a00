import type { Admin } from 'kafkajs'
import { createBreaker } from './breaker.ts'
import {
  BusUnavailableError,
  type EventBus,
  type OutgoingMessage,
  type Subscription,
  UndeclaredTopicError,
} from './bus.ts'
import { createKafkaClient, type KafkaClientOptions } from './kafka-client.ts'
import { toBusError } from './kafka-errors.ts'
import { createKafkaProducer } from './kafka-producer.ts'
import { createKafkaSubscription } from './kafka-subscription.ts'
import { settledWithin } from './wait.ts'

/** Settings of the Kafka bus. */
export interface KafkaBusOptions extends KafkaClientOptions {
  /** After this silence a consumer counts as dead and its partitions move. Default 8 s (a broker allows 6 s at least). */
  readonly sessionTimeoutMs?: number
}

/**
 * The bus on Kafka, by kafkajs. Nothing is connected before it is used; what is broken is connected anew.
 *
 * Known of kafkajs 2.2.4 and handled here: see `createKafkaProducer` (sequence numbers) and
 * `createKafkaSubscription` (crashes, slow effects).
 */
export function createKafkaBus(options: KafkaBusOptions): EventBus {
  const { sessionTimeoutMs = 8000 } = options
  const kafka = createKafkaClient(options)
  const producer = createKafkaProducer(kafka, options.retry)
  const breaker = createBreaker()
  const subscriptions = new Set<Subscription>()
  let admin: Promise<Admin> | null = null
  let known = new Set<string>()
  const missedAt = new Map<string, number>()
  let listing: Promise<string[]> | null = null
  let closed = false

  async function connectAdmin(): Promise<Admin> {
    const client = kafka.admin()
    await client.connect()
    return client
  }

  /** One connection for all questions; after an error the next question connects anew. */
  async function ask<Answer>(question: (client: Admin) => Promise<Answer>): Promise<Answer> {
    if (closed) throw new BusUnavailableError('the bus is closed')
    admin ??= connectAdmin()
    const asked = admin
    try {
      return await question(await asked)
    } catch (error) {
      if (admin === asked) admin = null
      void asked.then((client) => client.disconnect()).catch(() => {}) // It is broken already; the error is thrown below.
      throw toBusError(error)
    }
  }

  /** The cluster is asked about a topic not seen yet; about the same missing one at most once a second. */
  async function requireTopics(topics: readonly string[]): Promise<void> {
    const now = Date.now()
    const worthAsking = (topic: string) => !known.has(topic) && now - (missedAt.get(topic) ?? 0) > 1000
    if (topics.some(worthAsking)) {
      listing ??= ask((client) => client.listTopics()).finally(() => {
        listing = null
      })
      known = new Set(await listing)
    }
    const missing = topics.find((topic) => !known.has(topic))
    if (missing === undefined) return
    missedAt.set(missing, now)
    throw new UndeclaredTopicError(missing)
  }

  async function publish(messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<void> {
    await requireTopics([...new Set(messages.map(({ topic }) => topic))])
    if (signal?.aborted) return
    try {
      await producer.send(messages, signal)
    } catch (error) {
      // The topic was deleted since: look again next time.
      if (error instanceof UndeclaredTopicError) known.clear()
      throw error
    }
  }

  return {
    requireTopics,
    async publish(messages, { deadlineMs } = {}) {
      if (messages.length === 0) return
      await breaker.run((signal) => publish(messages, signal), deadlineMs)
    },
    async subscribe(subscribe) {
      await requireTopics(subscribe.topics)
      const subscription = createKafkaSubscription(kafka, subscribe, {
        logger: options.logger,
        sessionTimeoutMs,
      })
      subscriptions.add(subscription)
      return {
        ready: () => subscription.ready(),
        async close() {
          subscriptions.delete(subscription)
          await subscription.close()
        },
      }
    },
    async lag(group, topics) {
      const committed = await ask((client) => client.fetchOffsets({ groupId: group, topics: [...topics] }))
      return Promise.all(
        topics.map(async (topic) => {
          const ends = await ask((client) => client.fetchTopicOffsets(topic))
          const offsets = committed.find((entry) => entry.topic === topic)?.partitions ?? []
          const partitions = ends.map(({ partition, high, low }) => {
            const offset = offsets.find((entry) => entry.partition === partition)?.offset ?? '-1'
            const from = offset === '-1' ? Number(low) : Math.max(Number(offset), Number(low))
            return {
              partition,
              committed: offset === '-1' ? null : offset,
              end: high,
              lag: Math.max(0, Number(high) - from),
            }
          })
          return { group, topic, lag: partitions.reduce((sum, { lag }) => sum + lag, 0), partitions }
        }),
      )
    },
    async ping() {
      await ask((client) => client.describeCluster())
    },
    async close() {
      closed = true
      await Promise.all([...subscriptions].map((subscription) => subscription.close()))
      await settledWithin(producer.close(), 5000)
      if (admin)
        await settledWithin(
          admin.then((client) => client.disconnect()),
          3000,
        )
    },
  }
}

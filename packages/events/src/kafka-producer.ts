import { type Kafka, Partitioners, type Producer, type RetryOptions, type TopicMessages } from 'kafkajs'
import {
  BusUnavailableError,
  MessageRefusedError,
  type OutgoingMessage,
  UndeclaredTopicError,
} from './bus.ts'
import { patientRetry } from './kafka-client.ts'
import { toBusError } from './kafka-errors.ts'
import { withoutInstrumentation } from './uninstrumented.ts'

interface Job {
  readonly messages: readonly OutgoingMessage[]
  readonly resolve: () => void
  readonly reject: (error: Error) => void
  /** Aborted when its publisher has given up: it is not sent any more. */
  readonly signal?: AbortSignal | undefined
}

/** What travels in one request at most: half of what a broker takes as one record batch (see the relay). */
const maxBytes = 512 * 1024
const maxJobs = 1000

/**
 * A producer that waits for all in-sync replicas and is idempotent: a send that kafkajs repeats is stored once.
 *
 * kafkajs's idempotence has a hole, which loses messages silently (test/kafka-outage.test.ts shows both ways). When
 * a send fails, it takes back the batch's sequence numbers. If the broker had stored the batch, and only its answer
 * was lost, then the next batch for that partition gets numbers that the broker has seen: it is acknowledged as a
 * repetition, and not stored. So:
 *
 * - One send at a time, its repetitions included: a second one would get the first one's numbers while that waits to
 *   be repeated. Who publishes meanwhile waits, and then travels together with the others in one request.
 * - After a send that failed for good the producer is thrown away. A new one has a new id and begins at 0; the worst
 *   that can happen is a duplicate.
 */
export function createKafkaProducer(kafka: Kafka, retry: RetryOptions = patientRetry) {
  const waiting: Job[] = []
  let sending: Promise<void> | null = null
  let current: Promise<Producer> | null = null
  let closed = false

  async function connect(): Promise<Producer> {
    const producer = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry,
    })
    await producer.connect()
    return producer
  }

  async function sendOnce(messages: readonly OutgoingMessage[]): Promise<void> {
    current ??= connect()
    const used = current
    try {
      const producer = await used
      const sendBatch = withoutInstrumentation(producer, 'sendBatch')
      await sendBatch({ acks: -1, timeout: 10_000, topicMessages: byTopic(messages) })
    } catch (error) {
      current = null
      // Broken, or given up: its end is of no interest.
      void used.then((producer) => producer.disconnect()).catch(() => {})
      throw toBusError(error, [...new Set(messages.map(({ topic }) => topic))])
    }
  }

  async function sendTogether(jobs: readonly Job[]): Promise<void> {
    try {
      await sendOnce(jobs.flatMap(({ messages }) => messages))
      for (const { resolve } of jobs) resolve()
    } catch (error) {
      const isRefused = error instanceof MessageRefusedError || error instanceof UndeclaredTopicError
      if (isRefused && jobs.length > 1) {
        // Only its own publisher shall hear of a message that Kafka refuses.
        for (const job of jobs) await sendTogether([job])
      } else {
        for (const { reject } of jobs) reject(error as Error)
      }
    }
  }

  async function sendAll(): Promise<void> {
    while (waiting.length > 0) {
      const jobs = takeJobs(waiting).filter(({ signal }) => !signal?.aborted)
      if (jobs.length > 0) await sendTogether(jobs)
    }
    sending = null
  }

  return {
    /** Rejects with the errors of the port. */
    send(messages: readonly OutgoingMessage[], signal?: AbortSignal): Promise<void> {
      if (closed) return Promise.reject(new BusUnavailableError('the bus is closed'))
      return new Promise((resolve, reject) => {
        waiting.push({ messages, resolve, reject, signal })
        sending ??= sendAll()
      })
    },
    async close(): Promise<void> {
      closed = true
      await sending
      await current?.then((producer) => producer.disconnect()).catch(() => {}) // It never connected: its sender knows.
    },
  }
}

/** As many jobs as fit into one request, in the order of their arrival; a large one goes alone. */
function takeJobs(waiting: Job[]): Job[] {
  let bytes = 0
  let count = 0
  for (const { messages } of waiting) {
    for (const { value } of messages) bytes += 200 + (value === null ? 0 : Buffer.byteLength(value))
    if (count > 0 && (bytes > maxBytes || count === maxJobs)) break
    count++
  }
  return waiting.splice(0, count)
}

function byTopic(messages: readonly OutgoingMessage[]): TopicMessages[] {
  const topics = new Map<string, TopicMessages>()
  for (const { topic, key, value, headers } of messages) {
    const entry = topics.get(topic) ?? { topic, messages: [] }
    topics.set(topic, entry)
    entry.messages.push({ key, value, headers: { ...headers } })
  }
  return [...topics.values()]
}

import { type Kafka, Partitioners, type Producer, type TopicMessages } from 'kafkajs'
import type { OutgoingMessage } from './bus.ts'
import { kafkaRetry } from './kafka-client.ts'
import { withoutInstrumentation } from './uninstrumented.ts'

/**
 * A producer that waits for all in-sync replicas and is idempotent: a send that kafkajs repeats is stored once.
 *
 * After a send that failed for good the producer is thrown away. kafkajs takes back the sequence numbers of a failed
 * batch; if the broker had stored it (only the answer was lost), the next, *different* batch would carry numbers that
 * the broker has seen: it acknowledges it as a duplicate without storing it. That would be a silent loss. A new
 * producer has a new id, and the worst that can happen is a duplicate.
 */
export function createKafkaProducer(kafka: Kafka) {
  let current: Promise<Producer> | null = null
  const discarded = new Set<Promise<unknown>>()

  async function connect(): Promise<Producer> {
    const producer = kafka.producer({
      idempotent: true,
      allowAutoTopicCreation: false,
      createPartitioner: Partitioners.DefaultPartitioner,
      retry: kafkaRetry,
    })
    await producer.connect()
    return producer
  }

  function discard(producer: Promise<Producer>): void {
    if (current === producer) current = null
    // Already broken, or given up: its end is of no interest.
    const gone = producer.then((client) => client.disconnect()).catch(() => {})
    discarded.add(gone)
    void gone.finally(() => discarded.delete(gone))
  }

  return {
    async send(messages: readonly OutgoingMessage[]): Promise<void> {
      current ??= connect()
      const used = current
      try {
        const producer = await used
        const sendBatch = withoutInstrumentation(producer, 'sendBatch')
        await sendBatch({ acks: -1, timeout: 10_000, topicMessages: byTopic(messages) })
      } catch (error) {
        discard(used)
        throw error
      }
    },
    async close(): Promise<void> {
      if (current) discard(current)
      await Promise.all(discarded)
    },
  }
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

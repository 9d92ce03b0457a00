import { randomUUID } from 'node:crypto'
import type { Admin, Kafka } from 'kafkajs'
import type { IncomingMessage } from '../bus.ts'
import { toIncoming } from '../kafka-message.ts'

/** How the groups are called that read for a moment. */
export const readPrefix = 'freshet-read-'

/** What the topic holds now, from its oldest message to the one that is the last when the reading starts. */
export async function readTopic(kafka: Kafka, admin: Admin, topic: string): Promise<IncomingMessage[]> {
  const ends = await admin.fetchTopicOffsets(topic)
  const open = new Map(
    ends.filter(({ low, high }) => low !== high).map(({ partition, high }) => [partition, BigInt(high)]),
  )
  if (open.size === 0) return []
  const messages: IncomingMessage[] = []
  const finished = Promise.withResolvers<void>()
  // kafkajs reads in groups only: one of its own, that is deleted afterwards.
  const groupId = `${readPrefix}${randomUUID()}`
  const consumer = kafka.consumer({ groupId, allowAutoTopicCreation: false, maxWaitTimeInMs: 100 })
  consumer.on('consumer.crash', ({ payload }) => {
    if (!payload.restart) finished.reject(payload.error)
  })
  try {
    await consumer.connect()
    await consumer.subscribe({ topics: [topic], fromBeginning: true })
    await consumer.run({
      autoCommit: false,
      eachBatch: async ({ batch }) => {
        const end = open.get(batch.partition)
        if (end === undefined) return
        const wanted = batch.messages.filter(({ offset }) => BigInt(offset) < end)
        messages.push(...wanted.map((message) => toIncoming(topic, batch.partition, message)))
        if (BigInt(batch.lastOffset()) + 1n >= end) open.delete(batch.partition)
        if (open.size === 0) finished.resolve()
      },
    })
    await finished.promise
  } finally {
    await consumer.disconnect()
    // Left over, it would expire by itself after a week.
    await admin.deleteGroups([groupId]).catch(() => {})
  }
  return messages
}

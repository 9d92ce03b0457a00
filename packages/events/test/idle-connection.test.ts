import { setTimeout as wait } from 'node:timers/promises'
import { createTopics, parts, uniqueName } from '@freshet/testing'
import { expect, jest, test } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'

// What patches/ is for: without it kafkajs looks a thousand times a second for what it might send.
test('a connection that has nothing to do sets no timers, and then sends what had to wait', async () => {
  const kafka = new Kafka({ brokers: [...parts().kafkaBrokers], logLevel: logLevel.NOTHING })
  const [topic, admin, producer] = [
    uniqueName('idle'),
    kafka.admin(),
    kafka.producer({ maxInFlightRequests: 1 }),
  ]
  const created = await createTopics([topic])
  await admin.connect()
  await producer.connect()
  try {
    await producer.send({ topic, messages: [{ value: 'first' }] })
    const timers = jest.spyOn(globalThis, 'setTimeout')
    await wait(500)
    expect(timers.mock.calls.length).toBeLessThan(10)
    timers.mockRestore()
    // One at a time is under way: the others are pending.
    await Promise.all(['a', 'b', 'c', 'd'].map((value) => producer.send({ topic, messages: [{ value }] })))
    expect(await admin.fetchTopicOffsets(topic)).toEqual([expect.objectContaining({ high: '5' })])
  } finally {
    await admin.disconnect()
    await producer.disconnect()
    await created.close()
  }
})

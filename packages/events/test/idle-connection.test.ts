import { setTimeout as wait } from 'node:timers/promises'
import { parts } from '@freshet/testing'
import { expect, jest, test } from '@jest/globals'
import { Kafka, logLevel } from 'kafkajs'

// What patches/ is for: without it kafkajs looks a thousand times a second for what it might send.
test('a connection that has nothing to do sets no timers', async () => {
  const kafka = new Kafka({ brokers: [...parts().kafkaBrokers], logLevel: logLevel.NOTHING })
  const admin = kafka.admin()
  await admin.connect()
  try {
    await admin.listTopics()
    const timers = jest.spyOn(globalThis, 'setTimeout')
    await wait(500)
    expect(timers.mock.calls.length).toBeLessThan(10)
    timers.mockRestore()
    // And it is still heard when there is something again.
    expect(await admin.listTopics()).toEqual(expect.any(Array))
  } finally {
    await admin.disconnect()
  }
})

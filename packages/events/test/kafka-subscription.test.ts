import { EventEmitter } from 'node:events'
import { eventually } from '@freshet/testing'
import { expect, jest, test } from '@jest/globals'
import type { ConsumerConfig, Kafka } from 'kafkajs'
import { createKafkaSubscription } from '../src/kafka-subscription.ts'
import { logger } from './harness.ts'

/** kafkajs's consumers as far as a member uses them, which crash when told to. */
function fakeKafka() {
  const made: { config: ConsumerConfig; events: EventEmitter; isConnected: boolean }[] = []
  const kafka = {
    consumer(config: ConsumerConfig) {
      const one = { config, events: new EventEmitter(), isConnected: false }
      made.push(one)
      return {
        on: (name: string, listener: () => void) => one.events.on(name, listener),
        async connect() {
          one.isConnected = true
        },
        async subscribe() {},
        async run() {
          one.events.emit('consumer.group_join')
        },
        async disconnect() {
          one.isConnected = false
        },
      }
    },
  }
  return { kafka: kafka as unknown as Pick<Kafka, 'consumer'> as Kafka, made }
}

test('what crashes, for whatever reason, is disconnected and made anew; kafkajs restarts nothing by itself', async () => {
  const { kafka, made } = fakeKafka()
  const subscription = createKafkaSubscription(
    kafka,
    { group: 'g', topics: ['t'], handle: async () => {} },
    { logger, sessionTimeoutMs: 6_000 },
  )
  await subscription.ready()
  for (const restart of [true, false]) {
    const before = made.length
    const [crashing] = made.slice(-1)
    crashing!.events.emit('consumer.crash', { payload: { error: new Error('gone'), restart } })
    await eventually(() =>
      expect(made.map(({ isConnected }) => isConnected).slice(before - 1)).toEqual([false, true]),
    )
  }
  await subscription.close()
  expect(made.map(({ isConnected }) => isConnected)).toEqual([false, false, false])
  // A restart of its own would come after that, and stay: nobody could end it any more.
  for (const { config } of made)
    expect(await config.retry?.restartOnFailure?.(new Error('passing'))).toBe(false)
})

test('a member that crashes whenever it has joined is made anew ever less often', async () => {
  const { kafka, made } = fakeKafka()
  jest.useFakeTimers()
  try {
    const subscription = createKafkaSubscription(
      kafka,
      { group: 'g', topics: ['t'], handle: async () => {} },
      { logger, sessionTimeoutMs: 6_000 },
    )
    const crash = () => made.at(-1)!.events.emit('consumer.crash', { payload: { error: new Error('gone') } })
    for (let ms = 0; ms < 120_000; ms += 100) {
      await jest.advanceTimersByTimeAsync(100)
      crash()
    }
    // Each time after 0.1 s or so it would be hundreds.
    expect(made.length).toBeLessThan(40)
    expect(made.length).toBeGreaterThan(10)
    await subscription.close()
  } finally {
    jest.useRealTimers()
  }
})

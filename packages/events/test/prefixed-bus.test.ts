import { createTopics, eventually, uniqueName } from '@freshet/testing'
import { afterAll, expect, test } from '@jest/globals'
import type { IncomingMessage } from '../src/index.ts'
import { prefixedBus } from '../src/testing/prefixed-bus.ts'
import { kafkaBus } from './harness.ts'

const prefixes = [uniqueName('one'), uniqueName('other')]
const buses = prefixes.map((prefix) => prefixedBus(kafkaBus(), prefix))
const closes: (() => Promise<void>)[] = []
afterAll(async () => {
  await Promise.all(buses.map((bus) => bus.close()))
  for (const close of closes) await close()
})

test('two prefixes have topics, groups and offsets of their own behind the same names', async () => {
  const created = await createTopics(prefixes.map((prefix) => `${prefix}.things`))
  closes.push(created.close)
  const received: IncomingMessage[][] = [[], []]
  await Promise.all(
    buses.map((bus, index) =>
      bus.subscribe({
        group: 'readers',
        topics: ['things'],
        async handle({ topic, messages, done }) {
          expect(topic).toBe('things')
          received[index]!.push(...messages)
          for (const message of messages) done(message)
        },
      }),
    ),
  )
  await buses[0]!.publish([{ topic: 'things', key: 'a', value: '0' }])
  await buses[1]!.publish([{ topic: 'things', key: 'a', value: '1' }])
  await eventually(async () => {
    expect(received.map((all) => all.map(({ topic, value }) => [topic, String(value)]))).toEqual([
      [['things', '0']],
      [['things', '1']],
    ])
    expect(await buses[0]!.lag('readers', ['things'])).toEqual([
      expect.objectContaining({ group: 'readers', topic: 'things', lag: 0 }),
    ])
  })
  await expect(buses[0]!.requireTopics(['things'])).resolves.toBeUndefined()
})

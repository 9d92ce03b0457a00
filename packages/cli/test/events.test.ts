import { createKafkaBus } from '@freshet/events'
import { createLogger } from '@freshet/telemetry'
import { createTopics, parts, uniqueName } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runFreshet } from './run-freshet.ts'

const brokers = parts().kafkaBrokers
const topic = uniqueName('events-command-test')
const bus = createKafkaBus({
  brokers,
  clientId: topic,
  logger: createLogger('events-command-test', { level: 'silent' }),
})
let topics: Awaited<ReturnType<typeof createTopics>>
beforeAll(async () => {
  topics = await createTopics([topic])
})
afterAll(async () => {
  await bus.close()
  await topics?.close()
})

test('tail shows control characters instead of sending them to the terminal', async () => {
  await bus.publish([{ topic, key: 'k\u009B', value: 'not json \u001B[2J\u009B31m\nforged\u007F' }])
  const tail = runFreshet(['events', 'tail', topic, '--from-beginning'], {
    FRESHET_KAFKA_BROKERS: brokers.join(','),
  })
  const line = await tail.printed(/^(\{.*forged.*\})\n/m)
  tail.child.kill('SIGINT')
  await tail.ended
  expect(line).not.toMatch(/\p{Cc}/u)
  expect(JSON.parse(line)).toMatchObject({
    key: 'k\u009B',
    unreadable: 'not json \u001B[2J\u009B31m\nforged\u007F',
  })
})

test.each([['lag'], ['dead-letters', 'users'], ['tail', 'catalog.product']])(
  'without Kafka, %s says where it was looked for and what to do',
  async (...args) => {
    const run = runFreshet(['events', ...args], { FRESHET_KAFKA_BROKERS: '127.0.0.1:1' })
    expect(await run.ended).toBe(1)
    expect(run.output()).toMatch(
      /^Kafka at 127\.0\.0\.1:1 can't be reached \(.*ECONNREFUSED.*\); `freshet status` .*FRESHET_KAFKA_BROKERS/,
    )
  },
)

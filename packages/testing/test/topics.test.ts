import { withKafkaAdmin } from '@freshet/local'
import { afterEach, expect, jest, test } from '@jest/globals'
import { createTopics, eventually, parts, uniqueName } from '../src/index.ts'

afterEach(() => {
  jest.useRealTimers()
})

const topicNames = () => withKafkaAdmin(parts().kafkaBrokers, (admin) => admin.listTopics())

test('topics exist until they are closed', async () => {
  const name = uniqueName('topic')
  const topics = await createTopics([name], { partitions: 3 })
  expect(await topicNames()).toContain(name)
  await topics.close()
  await eventually(async () => expect(await topicNames()).not.toContain(name))
})

test('eventually gives up with the last error', async () => {
  jest.useFakeTimers()
  let attempts = 0
  const attempt = () => {
    attempts += 1
    throw new Error(`attempt ${attempts}`)
  }
  const givenUp = expect(eventually(attempt, { timeoutMs: 100, intervalMs: 25 })).rejects.toThrow('attempt 6')
  await jest.advanceTimersByTimeAsync(1_000)
  await givenUp
})

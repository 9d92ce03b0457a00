import { withKafkaAdmin } from '@freshet/local'
import { expect, test } from '@jest/globals'
import { createTopics, eventually, parts, uniqueName } from '../src/index.ts'

const topicNames = () => withKafkaAdmin(parts().kafkaBrokers, (admin) => admin.listTopics())

test('topics exist until they are closed', async () => {
  const name = uniqueName('topic')
  const topics = await createTopics([name], { partitions: 3 })
  expect(await topicNames()).toContain(name)
  await topics.close()
  await eventually(async () => expect(await topicNames()).not.toContain(name))
})

test('eventually gives up with the last error', async () => {
  let attempts = 0
  const attempt = () => {
    attempts += 1
    throw new Error(`attempt ${attempts}`)
  }
  await expect(eventually(attempt, { timeoutMs: 100, intervalMs: 5 })).rejects.toThrow(/attempt/)
  expect(attempts).toBeGreaterThan(2)
})

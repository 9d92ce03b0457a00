import { randomBytes } from 'node:crypto'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import {
  createTopics,
  deleteTopics,
  ensureTopics,
  freePort,
  readManifests,
  type TopicDefinition,
  withKafkaAdmin,
} from '../src/index.ts'

// Straight from jest's set-up: @freshet/testing stands on this package.
const brokers = process.env.FRESHET_TEST_KAFKA_BROKERS!.split(',')
const root = mkdtempSync(join(tmpdir(), 'freshet-manifests-'))
const made: string[] = []

afterAll(async () => {
  rmSync(root, { recursive: true })
  await deleteTopics(brokers, made)
})

function topic(changes: Partial<TopicDefinition> = {}): TopicDefinition {
  const name = `test.topic-${randomBytes(5).toString('hex')}`
  made.push(changes.name ?? name)
  return { name, partitions: 2, retentionMs: 60_000, cleanupPolicy: 'delete', ...changes }
}

function manifest(name: string, content: unknown): void {
  const folder = join(root, 'services', name)
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, 'service.json'), typeof content === 'string' ? content : JSON.stringify(content))
}

test('declared topics are created once, widened, and get their retention corrected', async () => {
  const first = topic()
  expect(await ensureTopics(brokers, [first])).toMatchObject({ created: [first.name], problems: [] })
  expect(await ensureTopics(brokers, [first])).toEqual({
    created: [],
    widened: [],
    reconfigured: [],
    problems: [],
  })
  const more = { ...first, partitions: 5, retentionMs: 120_000 }
  expect(await ensureTopics(brokers, [more])).toMatchObject({
    widened: [first.name],
    reconfigured: [first.name],
  })
  const metadata = await withKafkaAdmin(brokers, (admin) =>
    admin.fetchTopicMetadata({ topics: [first.name] }),
  )
  expect(metadata.topics[0]?.partitions).toHaveLength(5)
})

test('new topics are waited for, also where a broker has not heard of them yet', async () => {
  const answers = [
    Object.assign(new Error('not heard of'), { type: 'UNKNOWN_TOPIC_OR_PARTITION' }),
    new Error('tried again', { cause: { type: 'LEADER_NOT_AVAILABLE' } }),
  ]
  const asked: object[] = []
  const admin = {
    createTopics: async (request: object) => asked.push(request) > 0,
    async fetchTopicMetadata(request: object = {}) {
      asked.push(request)
      const answer = answers.shift()
      if (answer) throw answer
      return { topics: [] }
    },
  }
  await createTopics(admin, [{ topic: 'new' }])
  expect(asked).toEqual([
    { topics: [{ topic: 'new' }], waitForLeaders: false },
    ...Array(3).fill({ topics: ['new'] }),
  ])
  answers.push(new Error('no Kafka'))
  await expect(createTopics(admin, [{ topic: 'new' }])).rejects.toThrow('no Kafka')
})

test('fewer partitions than there are is a problem to tell, not one to solve', async () => {
  const wide = topic({ partitions: 4 })
  await ensureTopics(brokers, [wide])
  const { problems } = await ensureTopics(brokers, [{ ...wide, partitions: 2 }])
  expect(problems).toEqual([expect.stringContaining('has 4 partitions, 2 are declared')])
})

test('topics are deleted, also those beside one that is not there any more', async () => {
  const [gone, kept, other] = [topic(), topic(), topic()]
  await ensureTopics(brokers, [gone, kept, other])
  await deleteTopics(brokers, [gone.name])
  await deleteTopics(brokers, [kept.name, gone.name, other.name])
  // None of a name that there is could be made.
  const topics = [gone, kept, other].map(({ name }) => ({ topic: name }))
  expect(
    await withKafkaAdmin(brokers, (admin) => admin.createTopics({ topics, waitForLeaders: false })),
  ).toBe(true)
  await expect(deleteTopics([`127.0.0.1:${await freePort(null)}`], [kept.name])).rejects.toThrow()
})

test('the topics of every service in this clone exist in the running Kafka', async () => {
  const declared = readManifests().flatMap(({ topics }) => topics.map(({ name }) => name))
  expect(await withKafkaAdmin(brokers, (admin) => admin.listTopics())).toEqual(
    expect.arrayContaining(declared),
  )
})

test('definitions that are wrong are reported together, with file and field', () => {
  manifest('broken', '{ "name": ')
  manifest('orders', {
    name: 'orders',
    kind: 'subgraph',
    port: 4010,
    topics: [
      { name: 'Orders', partitions: 0, retentionMs: 1, cleanupPolicy: 'shred' },
      { name: 'orders.order', partitions: 1, retentionMs: 1, cleanupPolicy: 'delete' },
    ],
  })
  manifest('twin', {
    name: 'orders',
    kind: 'subgraph',
    port: 4011,
    topics: [{ name: 'orders.order', partitions: 1, retentionMs: 1, cleanupPolicy: 'delete' }],
  })
  expect(() => readManifests(root)).toThrow(
    expect.objectContaining({
      code: 'LOCAL_SETUP_INVALID',
      problems: [
        expect.stringMatching(/^services\/broken\/service\.json: /),
        expect.stringMatching(/^services\/orders\/service\.json: topics\.0\.name: /),
        expect.stringMatching(/^services\/orders\/service\.json: topics\.0\.partitions: /),
        expect.stringMatching(/^services\/orders\/service\.json: topics\.0\.cleanupPolicy: /),
      ],
    }),
  )
})

test('two services that claim the same topic are refused', () => {
  rmSync(join(root, 'services'), { recursive: true })
  for (const name of ['one', 'two']) {
    const shared = { name: 'one.thing', partitions: 1, retentionMs: 1, cleanupPolicy: 'delete' }
    manifest(name, { name, kind: 'subgraph', port: 4020, topics: [shared] })
  }
  expect(() => readManifests(root)).toThrow(/topic one\.thing is declared twice/)
})

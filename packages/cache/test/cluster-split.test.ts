import { eventually, type RedisCluster, startRedisCluster } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createCache } from '../src/index.ts'
import { recordingLogger, rowPolicy } from './cache-kit.ts'
import { fenceIn, patient } from './failover-kit.ts'

let cluster: RedisCluster

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3, replicas: 1 })
})
afterAll(() => cluster.close())

test('a master that has forgotten the others, and answers on after it was replaced, is found out by asking them', async () => {
  const [master, ids] = [
    await cluster.masterOf('{test}:fence'),
    await Promise.all(cluster.nodes.map(({ admin }) => admin.cluster('MYID'))),
  ]
  const replica = await cluster.replicaOf(master)
  const open = () => {
    const redis = cluster.connect()
    const cache = createCache({ redis, domain: 'test', logger: recordingLogger(), timeoutMs: 500 })
    const versions = cache.define<number>(rowPolicy<number>({ ttlSeconds: 3_600 }))
    const read = (version: number) => versions.get('1', async () => version)
    const hit = () => versions.get('1', () => Promise.reject(new Error('not a hit')))
    return { redis, cache, read, hit }
  }
  const reader = open()
  await eventually(async () => {
    await reader.read(1)
    await reader.hit()
  }, patient)

  // It knows nobody any more, so nobody can tell it anything: it stays a master of its slots, and answers.
  const own = await master.admin.cluster('MYID')
  for (const id of ids) if (id !== own) await master.admin.call('CLUSTER', 'FORGET', id)
  await eventually(
    async () => expect(await replica.admin.call('CLUSTER', 'FAILOVER', 'TAKEOVER')).toBe('OK'),
    patient,
  )
  await eventually(
    async () => expect((await cluster.masterOf('{test}:fence')).port).toBe(replica.port),
    patient,
  )
  const writers: ReturnType<typeof open>[] = []
  const version = 2
  await eventually(async () => {
    // A new client that begins with the master that knows nobody takes it for the whole cluster: another may begin elsewhere.
    const writer = open()
    writers.push(writer)
    const { sequence } = await writer.cache.invalidate(['row:1'])
    expect((await fenceIn(replica, 'test')).sequence).toBe(Number(sequence))
  }, patient)

  await eventually(async () => expect(await reader.read(version)).toBe(version), patient)
  expect(await master.admin.info('replication')).toContain('role:master')
  expect(await master.admin.exists('{test}:e:row:1:1')).toBe(1)
  for (const { cache, redis } of [reader, ...writers]) {
    await cache.close()
    redis.disconnect()
  }
})

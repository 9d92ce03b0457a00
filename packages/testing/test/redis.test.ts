import { eventually, startRedisCluster, startWatchedRedis } from '@freshet/testing'
import { afterEach, expect, test } from '@jest/globals'

let close: (() => Promise<void>) | undefined
afterEach(() => close?.())

test('a cluster of three masters and their replicas takes commands, and a replica takes over from a killed master', async () => {
  const cluster = await startRedisCluster({ masters: 3, replicas: 1, nodeTimeoutMs: 3_000 })
  close = cluster.close
  const redis = cluster.connect()
  await redis.set('key', 'value')
  const master = await cluster.masterOf('key')
  const replica = await cluster.replicaOf(master)
  await master.kill()
  await eventually(
    async () => {
      expect((await cluster.masterOf('key')).port).toBe(replica.port)
      expect(await redis.get('key')).toBe('value')
    },
    { timeoutMs: 60_000 },
  )
})

test('Sentinels promote the replica of a killed master, and a client follows', async () => {
  const watched = await startWatchedRedis({ downAfterMs: 2_000 })
  close = watched.close
  const redis = watched.connect()
  await redis.set('key', 'value')
  await redis.wait(1, 5_000)
  await watched.master.kill()
  await watched.untilMaster(watched.replica)
  await eventually(async () => expect(await redis.set('key', 'new')).toBe('OK'), { timeoutMs: 30_000 })
  expect(await watched.replica.admin.get('key')).toBe('new')
})

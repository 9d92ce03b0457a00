import { eventually, type RedisCluster, type RedisNode, startRedisCluster } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import type { Cluster } from 'ioredis'
import { type Cache, type CacheOptions, CacheUnavailableError, createCache } from '../src/index.ts'
import { slotOf } from '../src/slot.ts'
import { countingLoader, recordingLogger, rowPolicy, unhurried } from './cache-kit.ts'
import { patient, startProcesses } from './failover-kit.ts'
import { runHistory } from './history.ts'

/** Three masters without replicas; what a test does to them, it undoes. */
let cluster: RedisCluster
const open: { cache: Cache; redis: Cluster }[] = []

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3, nodeTimeoutMs: 4_000 })
})
afterEach(async () => {
  for (const { cache, redis } of open.splice(0)) {
    await cache.close()
    redis.disconnect()
  }
  await cluster.mend()
})
afterAll(() => cluster.close())

function newCache(options: Partial<CacheOptions> = {}) {
  const redis = cluster.connect()
  const logger = recordingLogger()
  const cache = createCache({
    redis,
    domain: 'test',
    logger,
    ...unhurried,
    ...options,
  })
  open.push({ cache, redis })
  const rows = cache.define(rowPolicy())
  const { calls, load } = countingLoader()
  /** The keys that had to be loaded. */
  const loaded = async (...keys: string[]) => {
    const before = calls.length
    await rows.getMany(keys, load)
    return calls.slice(before).flat()
  }
  const untilHit = (...keys: string[]) =>
    eventually(async () => expect(await loaded(...keys)).toEqual([]), patient)
  return { cache, loaded, untilHit, logger }
}

const holder = () => cluster.masterOf('{test}:fence')

test('reads, stores, invalidates and clears on the master of the slot of the domain, in that one slot', async () => {
  const { cache, loaded, untilHit } = newCache()
  await untilHit('1', '2')
  const keys = await (await holder()).admin.keys('*')
  expect(keys.sort()).toEqual(['{test}:e:row:1:1', '{test}:e:row:1:2', '{test}:fence'])
  await cache.invalidate(['row:1'])
  expect(await loaded('1', '2')).toEqual(['1'])
  await cache.clear()
  expect(await loaded('1', '2')).toEqual(['1', '2'])
})

test('the scripts go straight to that master: no node is asked in vain, and nothing is sent twice', async () => {
  const { cache, loaded, untilHit } = newCache()
  await untilHit('1')
  await cache.invalidate(['row:other'])
  for (const { admin } of cluster.nodes) await admin.config('RESETSTAT')
  expect(await loaded('1', 'new')).toEqual(['new'])
  await cache.invalidate(['row:other'])
  const held = await holder()
  for (const { admin, port } of cluster.nodes) {
    const stats = await admin.info('commandstats', 'errorstats')
    expect(stats).not.toMatch(/errorstat_(MOVED|ASK|NOSCRIPT)/)
    const calls = (name: string) => Number(new RegExp(`cmdstat_${name}:calls=(\\d+)`).exec(stats)?.[1] ?? 0)
    // READ, FILL, INVALIDATE
    expect(calls('eval') + calls('evalsha')).toBe(port === held.port ? 3 : 0)
  }
})

test('with the node of its slot killed, readers get fresh rows from their loaders, and writers learn that nobody acknowledged', async () => {
  const { cache, loaded, untilHit } = newCache({ timeoutMs: 500, invalidateTimeoutMs: 300 })
  await untilHit('1')
  const held = await holder()
  await held.kill()
  for (let i = 0; i < 100; i++) expect(await loaded('1')).toEqual(['1'])
  await expect(cache.invalidate(['row:1'])).rejects.toThrow(CacheUnavailableError)
  await held.start()
  await untilHit('1')
})

test('with all nodes gone from the start, a few readers wait until the deadline, and the rest not at all', async () => {
  for (const node of cluster.nodes) node.freeze()
  const { loaded, logger } = newCache({ timeoutMs: 50, breakerOpenMs: 600_000, reportIntervalMs: 0 })
  for (let i = 0; i < 20; i++) expect(await loaded('1')).toEqual(['1'])
  expect(logger.lines.filter(({ details }) => details.operation === 'read')).toHaveLength(5)
})

test('while the slot moves to another node, and afterwards, no read is stale', async () => {
  const processes = startProcesses(3, () => cluster.connect())
  const { caches, progress } = processes
  const from = await holder()
  const to = cluster.nodes.find((node) => node !== from)!
  const until = progress(20)
    .then(() => migrate(slotOf('{test}'), from, to))
    .then(() => progress(20))
  const history = await runHistory(caches, { readers: 16, writers: 3, keys: 8, writes: 20, until })
  console.info(history)
  await processes.close()
  expect((await holder()).port).toBe(to.port)
  expect(history.violations).toBe(0)
})

test('a domain whose slot has moved away and back keeps what was invalidated in between', async () => {
  const { cache, loaded, untilHit } = newCache()
  const elsewhere = newCache()
  await untilHit('1')
  await elsewhere.untilHit('1')
  const from = await holder()
  const to = cluster.nodes.find((node) => node !== from)!
  const slot = slotOf('{test}')
  await migrate(slot, from, to)
  await eventually(() => elsewhere.cache.invalidate(['row:1']), patient)
  await migrate(slot, to, from)
  expect(await loaded('1')).toEqual(['1'])
  await eventually(() => cache.invalidate(['row:1']), patient)
  await untilHit('1')
})

/** As redis-cli does it. */
async function migrate(slot: number, from: RedisNode, to: RedisNode): Promise<void> {
  const [source, target] = [await from.admin.cluster('MYID'), await to.admin.cluster('MYID')]
  await to.admin.call('CLUSTER', 'SETSLOT', slot, 'IMPORTING', source)
  await from.admin.call('CLUSTER', 'SETSLOT', slot, 'MIGRATING', target)
  for (;;) {
    const keys = (await from.admin.call('CLUSTER', 'GETKEYSINSLOT', slot, 5)) as string[]
    if (keys.length === 0) break
    await from.admin.call('MIGRATE', to.host, to.port, '', 0, 5_000, 'KEYS', ...keys)
  }
  for (const { admin } of [to, from]) await admin.call('CLUSTER', 'SETSLOT', slot, 'NODE', target)
  await eventually(async () => expect((await cluster.masterOf('{test}:fence')).port).toBe(to.port), patient)
}

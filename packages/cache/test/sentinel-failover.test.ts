import { eventually, startWatchedRedis, type WatchedRedis } from '@freshet/testing'
import { afterEach, expect, test } from '@jest/globals'
import { type Cache, createCache } from '../src/index.ts'
import { countingLoader, recordingLogger, rowPolicy } from './cache-kit.ts'
import { expectFencedTakeover, patient, readingDuring } from './failover-kit.ts'

/** A master, a replica and three Sentinels, for each test. */
let watched: WatchedRedis

async function start(options: Parameters<typeof startWatchedRedis>[0] = {}): Promise<void> {
  watched = await startWatchedRedis({ downAfterMs: 4_000, ...options })
}
afterEach(() => watched.close())

const connect = () => watched.connect()

test('a replica that lacks acknowledged invalidations takes over from a killed master', async () => {
  await start()
  const { master, replica } = watched
  await expectFencedTakeover({
    master,
    replica,
    connect,
    control: 'control',
    untilTakenOver: () => watched.untilMaster(replica),
  })
})

test('a failover that was asked for', async () => {
  await start()
  const { strict, l1 } = await readingDuring(async () => {
    await watched.sentinels[0]!.admin.call('SENTINEL', 'FAILOVER', 'freshet')
    await watched.untilMaster(watched.replica)
  }, connect)
  expect([strict.violations, l1.violations]).toEqual([0, 0])
})

test('a master that was paused for longer than it takes to replace it wakes up, and is a master for a while yet', async () => {
  await start()
  const { strict, l1 } = await readingDuring(async () => {
    watched.master.freeze()
    await watched.untilMaster(watched.replica)
    watched.master.thaw()
    expect(await watched.master.admin.info('replication')).toContain('role:master')
  }, connect)
  expect([strict.violations, l1.violations]).toEqual([0, 0])
})

test('with min-replicas-to-write a master that has lost its replica neither answers reads nor acknowledges', async () => {
  await start({ redisArgs: ['--min-replicas-to-write', '1', '--min-replicas-max-lag', '1'] })
  const { cache, hits } = newCache()
  await eventually(async () => expect(await hits()).toBe(true), patient)
  await watched.replica.kill()
  await eventually(async () => expect(await hits()).toBe(false), patient)
  await expect(cache.invalidate(['row:1'])).rejects.toThrow('did not acknowledge')
  await cache.close()
})

test('a master with replicas, but without min-replicas-to-write, is warned about', async () => {
  await start()
  const { cache, hits, logger } = newCache()
  await eventually(async () => expect(await hits()).toBe(true), patient)
  expect(logger.lines.map(({ message }) => message)).toContainEqual(
    expect.stringContaining('min-replicas-to-write'),
  )
  await cache.close()
})

function newCache() {
  const logger = recordingLogger()
  const cache: Cache = createCache({ redis: watched.connect(), domain: 'test', logger, timeoutMs: 500 })
  const rows = cache.define(rowPolicy())
  const { calls, load } = countingLoader()
  const hits = async () => {
    const before = calls.length
    await rows.getMany(['1'], load)
    return calls.length === before
  }
  return { cache, hits, logger }
}

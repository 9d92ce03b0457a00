import { eventually, type RedisNode } from '@freshet/testing'
import { expect } from '@jest/globals'
import type { Cluster, Redis } from 'ioredis'
import { createFence } from '../src/fence.ts'
import { type Cache, type CacheOptions, createCache } from '../src/index.ts'
import { recordingLogger, rowPolicy } from './cache-kit.ts'
import { type CacheUnderTest, type History, runHistory } from './history.ts'
import { fillingOf, plain } from './plain-fence.ts'

/** How late L1 may notice an acknowledged write, where it is on. */
export const L1_BOUND_MS = 250

/** A machine under load takes its time to elect a master. */
export const patient = { timeoutMs: 60_000 }

/**
 * Checks every read while `fault` happens, and until the cache is at work again: of three processes strictly, of two with L1 within its
 * bound, and of `control`, whatever it is.
 */
export async function readingDuring(
  fault: (progress: Processes['progress']) => Promise<void>,
  connect: () => Redis | Cluster,
  control: readonly CacheUnderTest[] = [],
): Promise<{ strict: History; l1: History; control: History | undefined }> {
  const load = { readers: 10, writers: 2, keys: 8, writes: 20 }
  const [strict, l1] = [startProcesses(3, connect), startProcesses(2, connect, { l1: true })]
  const uncertain = control.length > 0 ? counted(control) : undefined
  const all = [strict, l1, ...(uncertain ? [uncertain] : [])]
  const progress = async (count: number) => {
    await Promise.all(all.map((processes) => processes.progress(count)))
  }
  const until = progress(20)
    .then(() => fault(progress))
    .then(() => progress(20))
  try {
    const [strictly, within, uncontrolled] = await Promise.all([
      runHistory(strict.caches, { ...load, until }),
      runHistory(l1.caches, { ...load, until, boundMs: L1_BOUND_MS }),
      uncertain && runHistory(uncertain.caches, { ...load, until }),
    ])
    const histories = { strict: strictly, l1: within, control: uncontrolled }
    console.info(expect.getState().currentTestName, histories)
    return histories
  } finally {
    await Promise.all([strict.close(), l1.close()])
  }
}

/**
 * A replica that lacks acknowledged invalidations takes over from a killed master: nobody reads what was replaced, but for `control`,
 * who believes whatever answers, and the domain's history begins anew behind all that the master had acknowledged.
 */
export async function expectFencedTakeover(parts: {
  master: RedisNode
  replica: RedisNode
  connect: () => Redis | Cluster
  /** A domain that is the master's, too. */
  control: string
  untilTakenOver: () => Promise<unknown>
}): Promise<void> {
  const { master, replica, connect, untilTakenOver } = parts
  const control = [unverified(parts.control, connect()), unverified(parts.control, connect())]
  let lost: Awaited<ReturnType<typeof fenceIn>> | undefined
  const histories = await readingDuring(
    async (progress) => {
      await cutReplication(master, replica)
      await progress(20)
      lost = await fenceIn(master, 'test')
      expect((await fenceIn(replica, 'test')).sequence).toBeLessThan(lost.sequence)
      await master.kill()
      await untilTakenOver()
    },
    connect,
    control,
  )
  expect(histories.strict.violations).toBe(0)
  expect(histories.l1.violations).toBe(0)
  // The same for someone who believes whatever answers: the fault is one.
  expect(histories.control?.violations).toBeGreaterThan(0)
  const fenced = await fenceIn(replica, 'test')
  expect(fenced.life).not.toBe(lost?.life)
  expect(fenced.floor).toBeGreaterThan(lost!.sequence)
}

/** {@link CacheUnderTest}s that count, so that a fault can wait until something has happened. */
export interface Processes {
  readonly caches: CacheUnderTest[]
  readonly counts: { acknowledged: number; loads: number; reads: number }
  /** Resolves when so many more invalidations were acknowledged, and so many more reads were hits. */
  readonly progress: (count: number) => Promise<void>
  close(): Promise<void>
}

/** As many processes, each with a connection and a cache of its own. */
export function startProcesses(
  count: number,
  connect: () => Redis | Cluster,
  { l1 = false, ...options }: Partial<Omit<CacheOptions, 'l1'>> & { l1?: boolean } = {},
): Processes {
  const open: { cache: Cache; redis: Redis | Cluster }[] = []
  const caches = Array.from({ length: count }, () => {
    const redis = connect()
    const cache = createCache({
      redis,
      domain: 'test',
      logger: recordingLogger(),
      timeoutMs: 500,
      l1: { boundMs: L1_BOUND_MS },
      ...options,
    })
    open.push({ cache, redis })
    const name = l1 ? 'in-l1' : 'row'
    const versions = cache.define<number>(rowPolicy<number>({ name, l1, tags: (id) => [`${name}:${id}`] }))
    const underTest: CacheUnderTest = {
      get: async (key, load, atLeast) => (await versions.get(key, load, { atLeast }))!,
      invalidate: async (key) => (await cache.invalidate([`${name}:${key}`])).sequence,
    }
    return underTest
  })
  return {
    ...counted(caches),
    async close() {
      for (const { cache, redis } of open) {
        await cache.close()
        redis.disconnect()
      }
    },
  }
}

function counted(caches: readonly CacheUnderTest[]): Omit<Processes, 'close'> {
  const counts = { acknowledged: 0, loads: 0, reads: 0 }
  return {
    counts,
    caches: caches.map(({ get, invalidate }) => ({
      async get(key, load, atLeast) {
        const counted = () => {
          counts.loads++
          return load()
        }
        const value = await get(key, counted, atLeast)
        counts.reads++
        return value
      },
      async invalidate(key) {
        const sequence = await invalidate(key)
        counts.acknowledged++
        return sequence
      },
    })),
    async progress(count) {
      const { acknowledged, reads, loads } = counts
      await eventually(() => {
        expect(counts.acknowledged - acknowledged).toBeGreaterThanOrEqual(count)
        expect(counts.reads - counts.loads - (reads - loads)).toBeGreaterThanOrEqual(count)
      }, patient)
    },
  }
}

/** From here on nothing that `master` acknowledges reaches its replica: it will be lost when the replica takes over. */
export async function cutReplication(master: RedisNode, replica: RedisNode): Promise<void> {
  await master.admin.call('ACL', 'SETUSER', 'default', '-psync', '-sync')
  await master.admin.call('CLIENT', 'KILL', 'TYPE', 'replica')
  await eventually(async () =>
    expect(await replica.admin.info('replication')).toContain('master_link_status:down'),
  )
}

/** After {@link cutReplication}, for the next time that this node is a master. */
export async function mendReplication(node: RedisNode): Promise<void> {
  await node.admin.call('ACL', 'SETUSER', 'default', '+psync', '+sync')
}

/** The fence of a domain in one node's copy. */
export async function fenceIn(node: RedisNode, domain: string) {
  const readOnly = node.connect({ readOnly: true })
  const [life, floor, sequence] = await readOnly.hmget(`{${domain}}:fence`, '.life', '.floor', '.seq')
  readOnly.disconnect()
  return { life, floor: Number(floor), sequence: Number(sequence) }
}

/** The same fence and the same fills, by someone who trusts whatever Redis answers. */
export function unverified(domain: string, redis: Redis | Cluster): CacheUnderTest {
  const fence = plain(createFence(() => redis as Redis, domain))
  const tag = (key: string) => `row:${key}`
  return {
    async get(key, load) {
      const reading = await fence.read([key], 'any').catch(() => undefined)
      const hit = reading?.payloads[0]
      if (hit != null) return Number(hit)
      const value = await load()
      const filling = fillingOf(key, [tag(key)], `${value}`)
      if (reading) await fence.fill(reading, [filling]).catch(() => undefined)
      return value
    },
    async invalidate(key) {
      const { sequence } = await fence
        .invalidate([tag(key)], {}, 'any', 3_600_000)
        .catch((cause: unknown) => {
          throw Object.assign(new Error('not acknowledged', { cause }), { code: 'CACHE_UNAVAILABLE' })
        })
      return sequence
    },
  }
}

import { randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'
import { type Carried, formatCarried, highestCarried, parseCarried } from './carried.ts'

/** What READ answered for a batch: `stamp` is what a load begun afterwards may be stored under. */
export interface Reading {
  /** The name of the domain's history; another one means that history was lost in between. */
  readonly life: string
  /** The domain's last sequence at the READ. */
  readonly stamp: string
  /** What the invalidations up to `stamp` have told of other domains. */
  readonly carried: Carried
  /** For each key the payload, or null for a miss. */
  readonly payloads: readonly (string | null)[]
}

/** One value to store. */
export interface Filling {
  readonly key: string
  readonly tags: readonly string[]
  readonly ttlMs: number
  readonly payload: string
}

/** What became of one {@link Filling}. */
export type FillResult = 'stored' | 'refused' | 'newer'

/** The sequence fence of one domain: freshness.md's READ, FILL and INVALIDATE, each one script and one round trip. */
export interface Fence {
  read(keys: readonly string[], runId: string): Promise<Reading>
  fill(reading: Reading, fillings: readonly Filling[]): Promise<FillResult[]>
  /** @returns the sequence of the invalidation */
  invalidate(tags: readonly string[], carried: Carried, runId: string, retentionMs: number): Promise<string>
  /** Ends every entry if this Redis is not the one that the fence remembers, or if `force`. */
  beginLife(runId: string, force: boolean): Promise<{ sequence: string; begun: boolean }>
}

/** A script blocks Redis while it runs: longer batches are several scripts, sent together. */
const KEYS_PER_SCRIPT = 500
const TAGS_PER_SCRIPT = 1_000

interface ScriptedRedis {
  freshetRead(keyCount: number, ...args: string[]): Promise<(string | null)[]>
  freshetFill(keyCount: number, ...args: string[]): Promise<number[]>
  freshetInvalidate(keyCount: number, ...args: string[]): Promise<string>
  freshetBeginLife(keyCount: number, ...args: string[]): Promise<[string, number]>
}

const script = (name: string) => ({
  lua: readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8'),
})

/** Everything lies under one hash tag: a domain is one slot of a Redis Cluster. */
export function domainPrefix(domain: string): string {
  return `{${domain}}:`
}

/** Binds the four scripts to a connection and a domain. */
export function createFence(redis: Redis, domain: string): Fence {
  redis.defineCommand('freshetRead', script('read'))
  redis.defineCommand('freshetFill', script('fill'))
  redis.defineCommand('freshetInvalidate', script('invalidate'))
  redis.defineCommand('freshetBeginLife', script('begin-life'))
  const scripted = redis as unknown as ScriptedRedis
  const prefix = domainPrefix(domain)
  const fenceKey = `${prefix}fence`

  // A script can't draw randomness of its own, so every caller brings a name in case a life begins with it.
  const instance = randomBytes(9).toString('base64url')
  let named = 0
  const nextLife = () => `${instance}.${(named++).toString(36)}`

  async function readSome(keys: readonly string[], runId: string): Promise<Reading> {
    const entryKeys = keys.map((key) => prefix + key)
    const reply = await scripted.freshetRead(keys.length + 1, fenceKey, ...entryKeys, nextLife(), runId)
    const [life, stamp, carried, ...entries] = reply
    return {
      life: life!,
      stamp: stamp!,
      carried: parseCarried(carried!),
      payloads: keys.map((_, i) => payloadOf(entries[i])),
    }
  }

  return {
    async read(keys, runId) {
      if (keys.length <= KEYS_PER_SCRIPT) return readSome(keys, runId)
      const readings = await Promise.all(chunks(keys, KEYS_PER_SCRIPT).map((some) => readSome(some, runId)))
      const first = readings[0]!
      if (readings.some(({ life }) => life !== first.life))
        throw new Error('The cache domain began a new life during a READ')
      return {
        life: first.life,
        // A lower stamp claims less, so the lowest is right for every one of them.
        stamp: readings.map(({ stamp }) => stamp).reduce((a, b) => (Number(a) <= Number(b) ? a : b)),
        // A higher one asks for more, so the highest is.
        carried: highestCarried(readings.map(({ carried }) => carried)),
        payloads: readings.flatMap(({ payloads }) => payloads),
      }
    },

    async fill({ life, stamp }, fillings) {
      const replies = await Promise.all(
        chunks(fillings, KEYS_PER_SCRIPT).map((some) => {
          const keys = some.map(({ key }) => prefix + key)
          const values = some.flatMap(({ tags, ttlMs, payload }) => [tags.join(' '), String(ttlMs), payload])
          return scripted.freshetFill(keys.length + 1, fenceKey, ...keys, life, stamp, ...values)
        }),
      )
      return replies.flat().map((code) => (code === 1 ? 'stored' : code === 0 ? 'refused' : 'newer'))
    },

    async invalidate(tags, carried, runId, retentionMs) {
      const retentionUs = String(Math.ceil(retentionMs) * 1000)
      const told = formatCarried(carried)
      const sequences = await Promise.all(
        chunks(tags, TAGS_PER_SCRIPT).map((some) =>
          scripted.freshetInvalidate(1, fenceKey, nextLife(), runId, retentionUs, told, ...some),
        ),
      )
      return sequences.at(-1)!
    },

    async beginLife(runId, force) {
      const [sequence, begun] = await scripted.freshetBeginLife(
        1,
        fenceKey,
        nextLife(),
        runId,
        force ? '1' : '0',
      )
      return { sequence, begun: begun === 1 }
    },
  }
}

/** Entries are `<life> <stamp> <soft expiry, ms> <tag> <tag>...\n<payload>`. */
function payloadOf(entry: string | null | undefined): string | null {
  return entry == null ? null : entry.slice(entry.indexOf('\n') + 1)
}

function chunks<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length <= size) return [items]
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

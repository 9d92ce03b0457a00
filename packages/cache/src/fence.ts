import { randomBytes } from 'node:crypto'
import type { Redis } from 'ioredis'
import { type Carried, formatCarried, highestCarried, parseCarried } from './carried.ts'
import { scripted } from './scripts.ts'

/** What READ answered for a batch: `stamp` is what a load begun afterwards may be stored under. */
export interface Reading {
  /** The name of the domain's history; another one means that history was lost in between. */
  readonly life: string
  /** The domain's last sequence at the READ. */
  readonly stamp: string
  /** What the invalidations up to `stamp` have told of other domains, as {@link parseCarried} reads it. */
  readonly carried: string
  /** The time of Redis in ms, if it was asked for. */
  readonly nowMs: number | null
  /** One for each key. */
  readonly slots: readonly Slot[]
}

/**
 * What READ answered for one key: an entry that is a hit; one that may be served, with flags; null for a miss that is the
 * reader's to load; {@link HELD} for one that another process is loading.
 */
export type Slot = Buffer | readonly [entry: Buffer, flags: number] | null | typeof HELD

export const HELD = 1
/** Flags of an entry that may be served: it is the reader's to refresh, and nobody else's. */
export const TO_REFRESH = 1
/** Its TTL has ended. */
export const PAST_TTL = 2
/** It was invalidated, but its policy is soft. */
export const INVALIDATED = 4

/** How READ treats the keys. */
export interface ReadMode {
  /** Misses are leased to this process. */
  readonly lease: boolean
  /**
   * `time`: the answer has the time. `age`: entries may be served while they are refreshed, when their TTL has ended, or (`beta` > 0)
   * when it soon will. `soft`: also when they were invalidated.
   */
  readonly extra?: 'time' | 'age' | 'soft'
  /** Of the early refresh. */
  readonly beta?: number
}

/** One value to store. */
export interface Filling {
  readonly key: string
  readonly tags: readonly string[]
  readonly ttlMs: number
  /** How long it may be served after that. */
  readonly staleMs: number
  /** As {@link headerOf} makes it. */
  readonly header: string
  readonly payload: string | Buffer
}

/** How FILL treats them. */
export interface FillMode {
  /** Give back the leases of what is refused. */
  readonly lease: boolean
  /** Store also what was invalidated meanwhile: its policy is soft. */
  readonly soft: boolean
}

/** What became of one {@link Filling}. */
export type FillResult = 'stored' | 'refused' | 'newer'

/** The sequence fence of one domain: freshness.md's READ, FILL and INVALIDATE, each one script and one round trip. */
export interface Fence {
  read(keys: readonly string[], reign: string, mode: ReadMode): Promise<Reading>
  fill(reading: Reading, fillings: readonly Filling[], mode: FillMode): Promise<FillResult[]>
  /** Gives leases back. `useless`: others should not wait for these keys for a while, for their values can't be stored. */
  release(keys: readonly string[], useless: boolean): Promise<void>
  /** @returns the sequence of the invalidation, and the life that it belongs to */
  invalidate(
    tags: readonly string[],
    carried: Carried,
    reign: string,
    retentionMs: number,
  ): Promise<{ life: string; sequence: string }>
  /** Ends every entry if this Redis is not the one that the fence remembers, or if `force`. */
  beginLife(reign: string, force: boolean): Promise<{ life: string; sequence: string; begun: boolean }>
}

/** A script blocks Redis while it runs: longer batches are several scripts, sent together. */
const KEYS_PER_SCRIPT = 500
/** An INVALIDATE of more tags is several, whose last one's sequence it has. */
export const TAGS_PER_SCRIPT = 1_000

/** Everything lies under one hash tag: a domain is one slot of a Redis Cluster. */
export function domainPrefix(domain: string): string {
  return `{${domain}}:`
}

/** The key of the domain's fence. */
export function fenceKeyOf(domain: string): string {
  return `${domainPrefix(domain)}fence`
}

/**
 * Names of 16 characters, as the entries have room for, that nobody else gives. A script can't draw randomness of its own, so
 * whoever might begin a life brings a name for it: most are not used.
 */
function createNames(): () => string {
  let prefix = ''
  let count = 0
  return () => {
    if (count % 36 ** 4 === 0) prefix = randomBytes(9).toString('base64url')
    return prefix + (count++ % 36 ** 4).toString(36).padStart(4, '0')
  }
}

/** Binds the scripts to a domain and whatever connection is the `current` one. `leaseMs`: how long a process holds a lease. */
export function createFence(current: () => Redis, domain: string, leaseMs = 5_000): Fence {
  const prefix = domainPrefix(domain)
  const fenceKey = fenceKeyOf(domain)
  const nextName = createNames()
  /** Holds the leases of this process. */
  const holder = nextName()

  /** Only the fence's key can be of a wrong type: whatever else is there, an entry replaces. */
  async function run<T>(command: Promise<T>): Promise<T> {
    try {
      return await command
    } catch (error) {
      if (!(error instanceof Error && error.message.includes('WRONGTYPE'))) throw error
      const advice = `The key "${fenceKey}" belongs to the cache, and something else was stored there: delete it`
      throw new Error(advice, { cause: error })
    }
  }

  async function readSome(keys: readonly string[], reign: string, mode: ReadMode): Promise<Reading> {
    const args: (string | number)[] = [fenceKey]
    for (const key of keys) args.push(prefix + key)
    args.push(mode.lease ? holder : '', leaseMs)
    if (mode.extra) args.push(mode.extra, mode.beta ?? 0, Math.random())
    const reply = await run(scripted(current()).freshetReadBuffer(keys.length + 1, ...args))
    const [life, stamp, carried, nowMs] = reply
    if (!life) {
      const begun = await beginLife(reign, false)
      return {
        life: begun.life,
        stamp: begun.sequence,
        carried: '',
        nowMs: null,
        slots: keys.map(() => null),
      }
    }
    return {
      life: life.toString('latin1'),
      stamp: stamp!.toString('latin1'),
      carried: carried!.toString('latin1'),
      nowMs: nowMs ?? null,
      slots: reply.slice(4) as unknown as Slot[],
    }
  }

  async function beginLife(reign: string, force: boolean) {
    const [life, sequence, begun] = await run(
      scripted(current()).freshetBeginLife(1, fenceKey, nextName(), reign, force ? '1' : '0'),
    )
    return { life, sequence, begun: begun === 1 }
  }

  return {
    async read(keys, reign, mode) {
      if (keys.length <= KEYS_PER_SCRIPT) return readSome(keys, reign, mode)
      const parts = chunks(keys, KEYS_PER_SCRIPT).map((some) => readSome(some, reign, mode))
      return joinReadings(await Promise.all(parts))
    },

    async fill({ life, stamp }, fillings, { lease, soft }) {
      const replies = await Promise.all(
        chunks(fillings, KEYS_PER_SCRIPT).map((some) => {
          const args: (string | Buffer)[] = [fenceKey, ...some.map(({ key }) => prefix + key)]
          args.push(life, stamp, lease ? holder : '', soft ? '1' : '0')
          for (const { tags, ttlMs, staleMs, header, payload } of some) {
            args.push(tags.join(' '), String(ttlMs), String(staleMs), header, payload)
          }
          return run(scripted(current()).freshetFill(some.length + 1, ...args))
        }),
      )
      return replies.flat().map((code) => (code === 1 ? 'stored' : code === 0 ? 'refused' : 'newer'))
    },

    async release(keys, useless) {
      const all = chunks(keys, KEYS_PER_SCRIPT).map((some) =>
        scripted(current()).freshetRelease(
          some.length,
          ...some.map((key) => prefix + key),
          holder,
          useless ? '1' : '0',
        ),
      )
      await Promise.all(all)
    },

    async invalidate(tags, carried, reign, retentionMs) {
      const retentionUs = String(Math.ceil(retentionMs) * 1000)
      const told = formatCarried(carried)
      const replies = await Promise.all(
        chunks(tags, TAGS_PER_SCRIPT).map((some) => {
          const args = [fenceKey, nextName(), reign, retentionUs, told, ...some]
          return run(scripted(current()).freshetInvalidate(1, ...args))
        }),
      )
      const [sequence, life] = replies.reduce((a, b) => (Number(a[0]) >= Number(b[0]) ? a : b))
      return { life, sequence }
    },

    beginLife,
  }
}

/** Of several READs for one batch. */
function joinReadings(readings: readonly Reading[]): Reading {
  const first = readings[0]!
  if (readings.some(({ life }) => life !== first.life))
    throw new Error('The cache domain began a new life during a READ')
  return {
    life: first.life,
    // A lower stamp claims less, so the lowest is right for every one of them ...
    stamp: readings.map(({ stamp }) => stamp).reduce((a, b) => (Number(a) <= Number(b) ? a : b)),
    // ... and a higher sequence asks for more, so the highest is.
    carried: formatCarried(highestCarried(readings.map(({ carried }) => parseCarried(carried)))),
    nowMs: first.nowMs,
    slots: readings.flatMap(({ slots }) => slots),
  }
}

function chunks<T>(items: readonly T[], size: number): (readonly T[])[] {
  if (items.length <= size) return [items]
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) =>
    items.slice(i * size, (i + 1) * size),
  )
}

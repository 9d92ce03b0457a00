import type { Redis } from 'ioredis'
import { type EntryHeader, headerIn } from '../entry-layout.ts'
import { type FenceState, readFence } from './fence-state.ts'
import { literal, scanKeys } from './scan-keys.ts'

/** What lies under one key: an entry, if it has a header. */
export interface Stored {
  readonly redisKey: string
  readonly stored: Buffer
  readonly header: EntryHeader | undefined
}

/**
 * Every entry and lease under `prefix`, some at a time, with what the fence says of their tags. As {@link scanKeys}.
 */
export async function* scanEntries(
  redis: Redis,
  prefix: string,
  fenceKey: string,
): AsyncGenerator<{ entries: Stored[]; fence: FenceState }> {
  for await (const keys of scanKeys(redis, `${literal(prefix)}*`)) {
    const values = await redis.mgetBuffer(...keys)
    const entries = keys.flatMap((redisKey, i) => {
      const stored = values[i]
      return stored ? [{ redisKey, stored, header: headerIn(stored) }] : []
    })
    const tags = new Set(entries.flatMap(({ header }) => header?.tags ?? []))
    yield { entries, fence: await readFence(redis, fenceKey, [...tags]) }
  }
}

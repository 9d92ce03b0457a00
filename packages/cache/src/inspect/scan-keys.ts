import type { Redis } from 'ioredis'

/** The keys that match `glob`, some at a time. One may come twice, and one that is stored meanwhile not at all (SCAN). */
export async function* scanKeys(redis: Redis, glob: string): AsyncGenerator<string[]> {
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', glob, 'COUNT', 500)
    cursor = next
    if (keys.length > 0) yield keys
  } while (cursor !== '0')
}

/** A text as a part of a glob that matches itself alone. */
export function literal(text: string): string {
  return text.replaceAll(/[\\*?[\]]/g, '\\$&')
}

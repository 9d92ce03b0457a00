import { createCacheInspector, type TagFence } from '@freshet/cache/inspect'
import type { RedisClient } from '@freshet/redis'

/** The fences of the domains of one Redis, and the life that each was last seen in. */
export interface Fences {
  /** @throws when Redis does not answer */
  read(domain: string, tags: readonly string[]): Promise<TagFence>
  /** Undefined: not seen yet. */
  lifeOf(domain: string): string | undefined
}

export function createFences(redis: RedisClient): Fences {
  const lives = new Map<string, string>()
  return {
    async read(domain, tags) {
      const fence = await createCacheInspector({ redis, domain }).fence(tags)
      if (fence.life !== null) lives.set(domain, fence.life)
      return fence
    },
    lifeOf: (domain) => lives.get(domain),
  }
}

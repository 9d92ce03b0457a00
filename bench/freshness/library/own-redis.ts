import { randomBytes } from 'node:crypto'
import { setTimeout as sleep } from 'node:timers/promises'
import { layoutOf, removeProfile, stopParts, up } from '@freshet/local'
import { Redis } from 'ioredis-6'

/** A Redis of this bench alone. */
export interface OwnRedis {
  readonly url: string
  flush(): Promise<void>
  /** SIGKILL, and after a while a new start on the same port, empty. */
  killFor(ms: number): Promise<void>
  close(): Promise<void>
}

export async function startOwnRedis(): Promise<OwnRedis> {
  const profile = `bench-${randomBytes(4).toString('hex')}`
  // Without the caller's FRESHET_* replacements: theirs must not be killed.
  const start = () => up({ profile, parts: ['redis'], env: {} })
  const { redisUrl: url } = await start()
  return {
    url,
    async flush() {
      const redis = new Redis(url, { maxRetriesPerRequest: 1 })
      await redis.flushall().finally(() => redis.disconnect())
    },
    async killFor(ms) {
      await stopParts(layoutOf(profile), ['redis'], { signal: 'SIGKILL' })
      await sleep(ms)
      await start()
    },
    close: () => removeProfile(profile),
  }
}

import type { Redis } from 'ioredis'

/** The fence, as far as it concerns some tags. */
export interface FenceState {
  readonly life: string | null
  readonly sequence: string | null
  readonly floor: string | null
  readonly run: string | null
  /** `catalog 17 users 4` */
  readonly carried: string | null
  /** By the clock of Redis. */
  readonly nowMs: number
  /** Of one of the tags that were asked for. */
  lastOf(tag: string): string | null
}

export async function readFence(
  redis: Redis,
  fenceKey: string,
  tags: readonly string[],
): Promise<FenceState> {
  const [fields, [seconds, microseconds]] = await Promise.all([
    redis.hmget(fenceKey, '.life', '.seq', '.floor', '.run', '.carried', ...tags),
    redis.time(),
  ])
  const [life = null, sequence = null, floor = null, run = null, carried = null, ...last] = fields
  const sequences = new Map(tags.map((tag, i) => [tag, last[i] ?? null]))
  return {
    life,
    sequence,
    floor,
    run,
    carried,
    nowMs: Number(seconds) * 1000 + Number(microseconds) / 1000,
    lastOf: (tag) => sequences.get(tag) ?? null,
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { CacheLogger, CachePolicy } from '../src/index.ts'

export interface Row {
  id: string
  version: number
}

/** A policy for rows tagged by their id. */
export function rowPolicy<V = Row>(changes: Partial<CachePolicy<V>> = {}): CachePolicy<V> {
  return {
    name: 'row',
    version: 1,
    ttlSeconds: 60,
    negativeTtlSeconds: 60,
    jitter: 0,
    tags: (id) => [`row:${id}`],
    ...changes,
  }
}

/** For what is no test of deadlines: a busy machine must not turn a hit into a bypass, nor an invalidation into a debt. */
export const unhurried = { timeoutMs: 30_000, invalidateTimeoutMs: 30_000 } as const

/** Keeps what it is told. */
export function recordingLogger(): CacheLogger & {
  lines: { level: string; details: Record<string, unknown>; message: string }[]
} {
  const lines: { level: string; details: Record<string, unknown>; message: string }[] = []
  const at = (level: string) => (details: object, message: string) =>
    void lines.push({ level, details: details as Record<string, unknown>, message })
  return { lines, info: at('info'), warn: at('warn'), error: at('error') }
}

/** Counts how often it was called, and with what. */
export function countingLoader(rowOf: (id: string) => Row | null = (id) => ({ id, version: 1 })) {
  const calls: string[][] = []
  const load = async (ids: readonly string[]) => {
    calls.push([...ids])
    return ids.map(rowOf)
  }
  return { calls, load }
}

export async function eventually(check: () => boolean | Promise<boolean>, timeoutMs = 30_000): Promise<void> {
  for (const deadline = Date.now() + timeoutMs; !(await check()); await sleep(5)) {
    if (Date.now() > deadline) throw new Error(`Not within ${timeoutMs} ms: ${check.toString()}`)
  }
}

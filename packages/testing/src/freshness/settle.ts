import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadShape } from './judge.ts'

const POLL_MS = 25

/** Asks every shape at every door for every key, until each has the stored version. */
export async function settle(options: {
  keys: readonly string[]
  shapes: readonly ReadShape[]
  doors: readonly string[]
  storedVersion: (key: string) => Promise<number>
  withinMs: number
}): Promise<{ settledMs: number; stuck: string[] }> {
  const { keys, shapes, doors, storedVersion } = options
  const startedAtMs = performance.now()
  let waiting = keys.flatMap((key) => shapes.flatMap((shape) => doors.map((door) => ({ key, shape, door }))))
  let settledMs = 0
  let last: string[] = []
  for (;;) {
    const behind: typeof waiting = []
    last = []
    for (const one of waiting) {
      const found = await versionAt(one)
      if (found === (await storedVersion(one.key))) continue
      behind.push(one)
      last.push(`${one.shape.name} of ${one.key} at ${one.door}: ${found}`)
    }
    if (behind.length === 0) return { settledMs, stuck: [] }
    settledMs = Math.round(performance.now() - startedAtMs)
    waiting = behind
    if (settledMs > options.withinMs) return { settledMs, stuck: last }
    await sleep(POLL_MS)
  }
}

async function versionAt({ key, shape, door }: { key: string; shape: ReadShape; door: string }) {
  try {
    const { observations } = await shape.read(door, key)
    return observations.find((observation) => observation.key === key)?.version ?? 'not there'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { ReadShape } from './judge.ts'

const POLL_MS = 25

/** Somewhere that an old answer may be kept. */
interface Place {
  readonly key: string
  readonly shape: ReadShape
  readonly door: string
}

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
  let waiting: Place[] = keys.flatMap((key) =>
    shapes.flatMap((shape) => doors.map((door) => ({ key, shape, door }))),
  )
  let settledMs = 0
  for (;;) {
    // What an unknown write had begun may still end: asked anew each time.
    const stored = new Map(
      await Promise.all(keys.map(async (key) => [key, await storedVersion(key)] as const)),
    )
    const behind: { one: Place; found: number | string }[] = []
    // One question at a time at each door: it is the last of a run, and no load.
    await Promise.all(
      doors.map(async (door) => {
        for (const one of waiting.filter((place) => place.door === door)) {
          const found = await versionAt(one)
          if (found !== stored.get(one.key)) behind.push({ one, found })
        }
      }),
    )
    if (behind.length === 0) return { settledMs, stuck: [] }
    settledMs = Math.round(performance.now() - startedAtMs)
    waiting = behind.map(({ one }) => one)
    if (settledMs > options.withinMs) return { settledMs, stuck: behind.map(describe) }
    await sleep(POLL_MS)
  }
}

function describe({ one: { key, shape, door }, found }: { one: Place; found: number | string }): string {
  return `${shape.name} of ${key} at ${door}: ${found}`
}

async function versionAt({ key, shape, door }: Place): Promise<number | string> {
  try {
    const { observations } = await shape.read(door, key)
    return observations.find((observation) => observation.key === key)?.version ?? 'not there'
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

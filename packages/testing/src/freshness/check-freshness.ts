import { setTimeout as sleep } from 'node:timers/promises'
import { createJudge, type ReadShape } from './judge.ts'
import { createTallies, type FreshnessReport } from './report.ts'
import { settle } from './settle.ts'
import { createWriteLog, type WriteOutcome } from './writes.ts'

/** Something that is done to the system while it is read and written. */
export interface Fault {
  readonly name: string
  /** Breaks something, and has mended it when it resolves. */
  run(): Promise<void>
}

/** Options of {@link checkFreshness}. */
export interface FreshnessOptions {
  /** Few, and hot: every read of one is a chance to meet a write of it. */
  keys: readonly string[]
  shapes: readonly ReadShape[]
  /** Where reads and writes go in: the addresses of several gateways. */
  doors: readonly string[]
  /** Makes a new version of a key; versions of a key grow by one. @throws when its outcome is unknown */
  write: (door: string, key: string) => Promise<WriteOutcome>
  /** The version as it is stored: asked once before the run, and after it. */
  storedVersion: (key: string) => Promise<number>
  /** Closed loops: each waits for an answer before it asks again. */
  readers: number
  writers: number
  /** At least so long, and until every fault is over and it is `enough`. */
  durationMs: number
  /** For a run that must not end with next to nothing, because the machine is busy. Asked often. */
  enough?: (soFar: { reads: number; writes: number; violations: number }) => boolean
  /** How long `enough` is waited for, when everything else is over. Default 60,000. */
  enoughWithinMs?: number
  /** Between two writes of one writer, at most; half of it on average. Default 20. */
  writePauseMs?: number
  /** Faults, each so long after the beginning. They may overlap. */
  during?: readonly { atMs: number; fault: Fault }[]
  /** How long, after everything has stopped, the last door may take to have the newest version. Default 20,000. */
  settleWithinMs?: number
}

/** Longer would only make a run with an outage emptier; shorter would spend the machine on asking what is down. */
const PAUSE_AFTER_FAILURE_MS = 25

/**
 * Reads and writes at the same time, and checks each answer against what had been acknowledged when its read began: an
 * older version is a violation. What a failed write may have done is allowed and not required. At the end, when nothing is written
 * any more, every shape at every door must come to the newest version.
 *
 * @throws what a fault throws, and when nothing can be learned about the stored versions
 */
export async function checkFreshness(options: FreshnessOptions): Promise<FreshnessReport> {
  const { keys, shapes, doors, write, storedVersion, writePauseMs = 20, during = [] } = options
  const startedAtMs = performance.now()
  const now = () => performance.now() - startedAtMs
  const base = new Map(await Promise.all(keys.map(async (key) => [key, await storedVersion(key)] as const)))
  const writes = createWriteLog(now)
  const judge = createJudge(writes, base)
  const tallies = createTallies()
  for (const [key, version] of base) judge.acknowledge(key, version, now())

  let running = true
  async function reader(): Promise<void> {
    while (running) {
      const [shape, door, key] = [anyOf(shapes), anyOf(doors), anyOf(keys)]
      const beganAtMs = now()
      try {
        const answer = await shape.read(door, key)
        const violations = judge.judge(answer, beganAtMs, now())
        tallies.answered(answer, violations, { shape: shape.name, door, atMs: Math.round(beganAtMs) })
      } catch (error) {
        tallies.failed(error)
        await sleep(PAUSE_AFTER_FAILURE_MS)
      }
    }
  }
  async function writer(): Promise<void> {
    while (running) {
      const [door, key] = [anyOf(doors), anyOf(keys)]
      const result = await writes.run(key, () => write(door, key))
      if (result?.outcome === 'acknowledged') judge.acknowledge(key, result.version, now())
      if (result?.outcome === 'late') judge.saw(key, result.version, now())
      await sleep(result === undefined ? PAUSE_AFTER_FAILURE_MS : Math.random() * writePauseMs)
    }
  }
  const faults: { name: string; atMs: number; tookMs: number }[] = []
  async function inject({ atMs, fault }: { atMs: number; fault: Fault }): Promise<void> {
    await sleep(Math.max(0, atMs - now()))
    const beganAtMs = now()
    await fault.run()
    faults.push({ name: fault.name, atMs: Math.round(beganAtMs), tookMs: Math.round(now() - beganAtMs) })
  }

  const load = Promise.all([
    ...Array.from({ length: options.readers }, reader),
    ...Array.from({ length: options.writers }, writer),
  ])
  try {
    await Promise.all([sleep(options.durationMs), ...during.map(inject)])
    const { enough = () => true, enoughWithinMs = 60_000 } = options
    const soFar = () => ({ ...tallies.total(), writes: writes.counts.acknowledged })
    for (const deadline = now() + enoughWithinMs; !enough(soFar()) && now() < deadline; ) await sleep(20)
  } finally {
    running = false
    await load
  }
  const settled = await settle({ ...options, withinMs: options.settleWithinMs ?? 20_000 })
  const { counts } = writes
  return {
    ...tallies.result(),
    writes: counts.acknowledged,
    lateWrites: counts.late,
    refusedWrites: counts.refused,
    unknownWrites: counts.unknown,
    unknownWriteReasons: writes.reasons(),
    behind: judge.behind,
    faults,
    ...settled,
  }
}

function anyOf<T>(list: readonly T[]): T {
  return list[Math.floor(Math.random() * list.length)]!
}

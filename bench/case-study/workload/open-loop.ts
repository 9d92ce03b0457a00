import { setTimeout as sleep } from 'node:timers/promises'

/** How one request ended. */
export interface Outcome {
  readonly index: number
  /** From the moment that it was due, not from when it was sent: who waits in a queue waits. */
  readonly latencyMs: number
  readonly ok: boolean
}

/** Options of {@link runOpenLoop}. */
export interface OpenLoopOptions {
  /** When each is due, ascending, in milliseconds from the start. */
  readonly arrivals: readonly number[]
  /** Sends the request of that index; false or an error: it failed. */
  readonly send: (index: number) => Promise<boolean>
  /** So many may be without an answer; one that is due above that fails at once, as at a full queue. */
  readonly mostOutstanding: number
  readonly clock?: { now(): number; sleep(ms: number): Promise<unknown> }
}

const wallClock = {
  now: () => performance.now(),
  // Timers are good for whole milliseconds; below that a turn of the event loop, which lets answers in.
  sleep: (ms: number) => (ms >= 1 ? sleep(ms) : new Promise<void>((resolve) => setImmediate(resolve))),
}

/** Sends every request when it is due, whatever became of those before, and waits for all answers. */
export async function runOpenLoop(options: OpenLoopOptions): Promise<Outcome[]> {
  const { arrivals, send, mostOutstanding, clock = wallClock } = options
  const outcomes: Outcome[] = []
  const outstanding = new Set<Promise<void>>()
  const startedMs = clock.now()

  async function one(index: number, dueMs: number): Promise<void> {
    const ok = await send(index).catch(() => false)
    outcomes.push({ index, latencyMs: clock.now() - dueMs, ok })
  }

  for (const [index, atMs] of arrivals.entries()) {
    const dueMs = startedMs + atMs
    for (let waitMs = dueMs - clock.now(); waitMs > 0; waitMs = dueMs - clock.now()) await clock.sleep(waitMs)
    // Behind its schedule, it would never let an answer in.
    if (index % 16 === 15) await clock.sleep(0)
    if (outstanding.size >= mostOutstanding) {
      outcomes.push({ index, latencyMs: clock.now() - dueMs, ok: false })
      continue
    }
    const answer = one(index, dueMs).finally(() => outstanding.delete(answer))
    outstanding.add(answer)
  }
  await Promise.all(outstanding)
  return outcomes
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { createFaults, Doors, Shop } from '@freshet/e2e/freshness'
import { checkFreshness, type Fault, type FreshnessReport } from '@freshet/testing'

/** Options of {@link runSystem}. */
export interface SystemRunOptions {
  readonly doors: Doors
  readonly shop: Shop
  readonly faults: ReturnType<typeof createFaults>
  /** At least so long, and until each fault has been there once. */
  readonly seconds: number
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** A report, and how often each fault was there. */
export type SystemResult = Omit<FreshnessReport, 'faults'> & {
  readonly seconds: number
  readonly faults: Readonly<Record<string, number>>
}

const BETWEEN_MS = 2_000

/** The supergraph under the checker, while everything is broken, one thing after the other. */
export async function runSystem(options: SystemRunOptions): Promise<SystemResult> {
  const { doors, shop, faults, seconds, signal, say } = options
  const counts: Record<string, number> = {}
  const beganMs = performance.now()
  const elapsed = () => (performance.now() - beganMs) / 1_000

  async function breakOne(fault: Fault): Promise<void> {
    if (signal.aborted) return
    say(`${elapsed().toFixed(0).padStart(4)} s  ${fault.name}`)
    let name = fault.name
    try {
      await fault.run()
    } catch (error) {
      // What was found until then counts all the same; the figures say that this fault was not what it should be.
      name += ' (failed)'
      say(`        ${error instanceof Error ? error.message : String(error)}`)
    }
    counts[name] = (counts[name] ?? 0) + 1
    await sleep(BETWEEN_MS, undefined, { signal }).catch(() => undefined)
  }
  const everything: Fault = {
    name: 'everything',
    async run() {
      do {
        for (const fault of inTurn(faults)) await breakOne(fault)
      } while (elapsed() < seconds && !signal.aborted)
    },
  }
  const report = await checkFreshness({
    ...shop,
    doors: doors.urls,
    readers: 6,
    writers: 3,
    durationMs: 1_000,
    writePauseMs: 10,
    during: [{ atMs: BETWEEN_MS, fault: everything }],
    settleWithinMs: 60_000,
  })
  return { ...report, seconds: elapsed(), faults: counts }
}

function inTurn(faults: SystemRunOptions['faults']): Fault[] {
  // Half a minute without Kafka, in which the other things go on happening.
  const withoutKafka: Fault = {
    name: 'kafka stopped for 30 s',
    run: () => faults.kafkaStopped(30_000).run(),
  }
  return [
    faults.writerDies(),
    faults.redisFlushed(5, 300),
    faults.redisCut(3_000),
    faults.redisMute(3_000),
    faults.redisDeaf(3_000),
    faults.redisSlow(3_000, 15),
    faults.redisSlow(3_000, 80),
    faults.redisKilled(1_000),
    withoutKafka,
    faults.writerDies(),
    faults.eventsRepeated(10_000),
    faults.kafkaMute(5_000),
    ...['catalog', 'users', 'analytics', 'gateway', 'gateway-2', 'gateway-3'].map((name) =>
      faults.killed(name),
    ),
  ]
}

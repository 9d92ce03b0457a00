import { setTimeout as sleep } from 'node:timers/promises'
import { startFaultProxy } from '@freshet/testing'
import { type Child, startChild } from './child.ts'
import { breakEverything } from './faults.ts'
import { createLedger, type LibraryCounts } from './ledger.ts'
import type { ChildSettings } from './messages.ts'
import type { OwnRedis } from './own-redis.ts'
import { openRows } from './rows.ts'
import { BOUNDS_MS, type SubjectName } from './subjects/index.ts'

/** Options of {@link runLibrary}. */
export interface LibraryOptions {
  readonly subject: SubjectName
  readonly redis: OwnRedis
  readonly databaseUrl: string
  readonly keys: number
  /** Whether things are broken meanwhile, all of them at least once. */
  readonly faults: boolean
  /** Asked now and then: whether enough has been read and written. */
  readonly isEnough: (counts: LibraryCounts, seconds: number) => boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** What a run of one subject found. */
export interface LibraryResult extends LibraryCounts {
  readonly seconds: number
  readonly faults: Readonly<Record<string, number>>
  /** Keys that were still old in some process when nothing had been written for 10 s and every event was delivered. */
  readonly stuckKeys: number
}

const PROCESSES = 3
const SETTLE_MS = 10_000

/** Runs one subject in three processes, with an event path beside them, over rows in PostgreSQL. */
export async function runLibrary(options: LibraryOptions): Promise<LibraryResult> {
  const { subject, redis, databaseUrl, keys, signal, say } = options
  await redis.flush()
  const ledger = createLedger(BOUNDS_MS[subject])
  const proxies = await Promise.all(
    Array.from({ length: PROCESSES + 1 }, () => startFaultProxy({ target: redis.url })),
  )
  const settings = (index: number): ChildSettings => ({
    subject,
    redisUrl: proxies[index]!.urlOf(redis.url),
    databaseUrl,
    keys,
    readers: 4,
    writers: 10,
    batch: 16,
    writePauseMs: 1,
    readsPerWrite: 10,
  })
  const children: Child[] = []
  try {
    const deliverer = await startChild('deliverer.ts', settings(PROCESSES))
    children.push(deliverer)
    const workers: Child[] = []
    for (let index = 0; index < PROCESSES; index++) {
      const worker = await startChild('worker.ts', settings(index), (records) => ledger.take(index, records))
      workers.push(worker)
      children.push(worker)
    }

    const beganMs = performance.now()
    const seconds = () => (performance.now() - beganMs) / 1_000
    const isEnough = () => signal.aborted || options.isEnough(ledger.counts, seconds())
    const faults: Record<string, number> = {}
    for (let round = 1; options.faults; round++) {
      const done = await breakEverything(
        { redis, workers, deliverer, proxies },
        () => signal.aborted || (round > 1 && isEnough()),
      )
      for (const name of done) faults[name] = (faults[name] ?? 0) + 1
      const { reads, writes, violations } = ledger.counts
      say(
        `${subject}, faults: ${reads} reads, ${writes} writes, ${violations} stale (${seconds().toFixed(0)} s)`,
      )
      if (isEnough()) break
    }
    while (!isEnough()) await sleep(100)

    await Promise.all(workers.map((worker) => told(worker, 'stop', 'stopped')))
    const took = seconds()
    const stuckKeys = await countStuck(workers, { ...options, settleMs: SETTLE_MS })
    return { ...ledger.finish(), seconds: took, faults, stuckKeys }
  } finally {
    await Promise.all(children.map((child) => child.end()))
    await Promise.all(proxies.map((proxy) => proxy.close()))
  }
}

/** Asks until every process has what is stored, or the time is over. */
async function countStuck(
  workers: readonly Child[],
  { databaseUrl, keys, settleMs, signal }: LibraryOptions & { settleMs: number },
): Promise<number> {
  const rows = openRows(databaseUrl, { connections: 1 })
  const all = Array.from({ length: keys }, (_, key) => key)
  try {
    for (const deadline = performance.now() + settleMs; ; await sleep(100)) {
      const stored = await rows.load(all)
      const waiting = await rows.pending(1)
      const seen = await Promise.all(workers.map((worker) => told(worker, 'look', 'seen')))
      const stuck = all.filter((key) => seen.some(({ versions }) => versions[key] !== stored[key]))
      if (stuck.length === 0 && waiting.length === 0) return 0
      if (performance.now() > deadline || signal.aborted) return stuck.length
    }
  } finally {
    await rows.close()
  }
}

function told<Type extends 'stopped' | 'seen'>(child: Child, order: 'stop' | 'look', type: Type) {
  const answer = child.next(type)
  child.send({ type: order })
  return answer
}

import { createFaults, openDoors, openShop, startShakySystem } from '@freshet/e2e/freshness'
import { up } from '@freshet/local'
import { Command } from 'commander'
import { count, someOf } from '../option-values.ts'
import { toTable } from '../table.ts'
import { createBenchDatabase } from './bench-database.ts'
import { startOwnRedis } from './library/own-redis.ts'
import { type LibraryResult, runLibrary } from './library/run-library.ts'
import { SUBJECTS, type SubjectName } from './library/subjects/index.ts'
import { type CleanLatency, measureCleanLatency } from './system/clean-latency.ts'
import { runSystem, type SystemResult } from './system/run-system.ts'

const PARTS = ['library', 'rivals', 'system', 'latency'] as const
type Part = (typeof PARTS)[number]

const options = new Command('freshness')
  .description(
    'Reads checked against what was acknowledged before they began, under faults: of the cache, of others beside it, of the whole system.',
  )
  .option('--only <parts>', `some of ${PARTS.join(',')}`, someOf(PARTS), [...PARTS])
  .option(
    '--reads <n>',
    'values to be answered from the cache, with a tenth as many writes',
    count,
    1_000_000,
  )
  .option('--rival-seconds <n>', 'how long each library is run, without faults and with them', count, 25)
  .option('--seconds <n>', 'how long the whole system is run, at least', count, 300)
  .option('--latency-rounds <n>', 'writes past the gateway', count, 200)
  .option('--keys <n>', 'rows that are read and written through the cache', count, 200)
  .parse()
  .opts<{
    only: Part[]
    reads: number
    rivalSeconds: number
    seconds: number
    latencyRounds: number
    keys: number
  }>()

const say = (line: string) => process.stderr.write(`${line}\n`)
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())
const { signal } = interrupt
const wants = (...names: Part[]) => names.some((name) => options.only.includes(name))
/** What was opened, to be closed in reverse order. */
const opened: { close(): Promise<unknown> }[] = []
const open = <T extends { close(): Promise<unknown> }>(one: T): T => {
  opened.push(one)
  return one
}

try {
  const { postgresAdminUrl, redisUrl: sessionRedisUrl } = await up({ profile: 'test', report: say, signal })
  const library = wants('library', 'rivals') ? await runLibraries(postgresAdminUrl) : null
  const system = wants('system', 'latency')
    ? await runSupergraph({ postgresAdminUrl, sessionRedisUrl })
    : null
  print({ ...library, ...system })
} finally {
  for (const one of opened.reverse()) await one.close()
}
// Everything is closed. But Node has been seen to wait for ever, at its very end, for the handle of a child that was killed.
process.exit()

interface Results {
  library?: LibraryResult | null
  /** The same with the level in the process, which may be as old as its bound and no older. */
  l1?: LibraryResult | null
  rivals?: Record<string, { calm: LibraryResult; faults: LibraryResult }> | null
  system?: SystemResult | null
  latency?: CleanLatency | null
}

async function runLibraries(postgresAdminUrl: string): Promise<Pick<Results, 'library' | 'l1' | 'rivals'>> {
  const redis = open(await startOwnRedis())
  const database = open(await createBenchDatabase(postgresAdminUrl, options.keys))
  const common = { redis, databaseUrl: database.url, keys: options.keys, signal, say }
  const run = (subject: SubjectName, faults: boolean) =>
    runLibrary({
      ...common,
      subject,
      faults,
      isEnough: (_counts, seconds) => seconds >= options.rivalSeconds,
    })
  const underFaults = (subject: SubjectName, reads: number) =>
    runLibrary({
      ...common,
      subject,
      faults: true,
      // What was loaded because Redis was away or the row had just changed proves little of a cache.
      isEnough: (counts) => counts.reads - counts.loads >= reads && counts.writes >= reads / 10,
    })
  const library = wants('library') ? await underFaults('@freshet/cache', options.reads) : null
  const l1 = wants('library') ? await underFaults('@freshet/cache, L1', options.reads / 5) : null
  if (!wants('rivals')) return { library, l1 }
  const rivals: NonNullable<Results['rivals']> = {}
  for (const subject of Object.keys(SUBJECTS) as SubjectName[]) {
    if (signal.aborted) break
    say(`${subject}, for ${options.rivalSeconds} s without faults, then with them`)
    rivals[subject] = { calm: await run(subject, false), faults: await run(subject, true) }
  }
  return { library, l1, rivals }
}

async function runSupergraph(where: {
  postgresAdminUrl: string
  sessionRedisUrl: string
}): Promise<Pick<Results, 'system' | 'latency'>> {
  if (signal.aborted) return {}
  say('starting the whole system, with three gateways')
  const system = open(await startShakySystem({ ...where, signal }))
  const doors = open(openDoors(system.gatewayUrls))
  const shop = open(await openShop({ doors, adminUrl: system.adminUrl }))
  // Before anything is broken.
  const latency = wants('latency')
    ? await measureCleanLatency({ system, doors, shop, rounds: options.latencyRounds, signal })
    : null
  if (!wants('system')) return { latency }
  const { seconds } = options
  return {
    latency,
    system: await runSystem({ doors, shop, faults: createFaults(system, shop), seconds, signal, say }),
  }
}

function print({ library, l1, rivals, system, latency }: Results): void {
  const sections: string[] = []
  const percent = ({ violations, reads }: { violations: number; reads: number }) =>
    `${((violations / Math.max(1, reads)) * 100).toFixed(2)} %`
  for (const [name, result] of [
    ['strict', library],
    ['L1', l1],
  ] as const) {
    if (!result) continue
    const { seconds, reads, loads, writes, violations, worstStalenessMs, lateWrites, stuckKeys } = result
    sections.push(
      `@freshet/cache under faults, ${name}, ${seconds.toFixed(0)} s`,
      toTable([
        ['reads', 'of them loaded', 'writes', 'violations', 'oldest, ms', 'late writes', 'stuck keys'],
        [reads, loads, writes, violations, Math.round(worstStalenessMs), lateWrites, stuckKeys],
      ]),
    )
  }
  if (rivals) {
    const rows = Object.entries(rivals).flatMap(([name, { calm, faults }]) =>
      (
        [
          ['', calm],
          [', faults', faults],
        ] as const
      ).map(([suffix, result]) => [
        name + suffix,
        result.reads,
        result.loads,
        result.writes,
        result.violations,
        percent(result),
        `${Math.round(result.worstStalenessMs).toLocaleString('en')} ms`,
        result.failedReads,
        result.stuckKeys,
      ]),
    )
    sections.push(
      toTable([
        ['', 'reads', 'of them loaded', 'writes', 'violations', '', 'oldest', 'failed', 'stuck keys'],
        ...rows,
      ]),
    )
  }
  if (system) {
    const rows = Object.entries(system.by).flatMap(([shape, levels]) =>
      Object.entries(levels).map(([level, tally]) => [`${shape}, ${level}`, tally.reads, tally.violations]),
    )
    sections.push(
      `the whole system under faults, ${system.seconds.toFixed(0)} s: ${system.writes} writes, ${system.unknownWrites} with an unknown outcome`,
      toTable([['answers', 'reads', 'violations'], ...rows, ['all', system.reads, system.violations]]),
    )
  }
  if (latency) {
    sections.push(
      `COMMIT -> clean at every gateway, by events alone: p50 ${latency.p50Ms} ms, p99 ${latency.p99Ms} ms, worst ${latency.worstMs} ms`,
    )
  }
  process.stdout.write(`${sections.join('\n\n')}\n`)
  const sum = (figure: 'reads' | 'writes' | 'violations') =>
    (library?.[figure] ?? 0) + (l1?.[figure] ?? 0) + (system?.[figure] ?? 0)
  const totals = { reads: sum('reads'), writes: sum('writes'), violations: sum('violations') }
  process.stdout.write(
    `${JSON.stringify({ bench: 'freshness', ...totals, options, library, l1, rivals, system, latency })}\n`,
  )
  // Whoever runs it in a script hears of what must never be.
  if (totals.violations > 0) process.exitCode = 1
}

import type { Side } from '../stage.ts'
import { ENDPOINTS, type Endpoint, TRAITS } from '../workload/endpoints.ts'
import { type Latencies, latenciesOf } from '../workload/latencies.ts'
import type { Load } from '../workload/load.ts'
import type { LoadOrder, Sample } from '../workload/load-process.ts'
import { isBackground } from './background.ts'
import { readFieldCaches } from './cache-reads.ts'
import { cpuMs } from './cpu.ts'
import type { Statement, StatementCounts } from './statements.ts'

/** One side under one load. Costs are for each request, with all that happens in the background meanwhile. */
export interface Window {
  readonly ratePerSecond: number
  readonly seconds: number
  readonly all: Latencies
  readonly heavy: Latencies
  readonly endpoints: Readonly<Record<Endpoint, Latencies>>
  readonly statementsPerRequest: number
  readonly sqlMsPerRequest: number
  readonly cpuMsPerRequest: Readonly<Record<'services' | 'postgres' | 'redis' | 'kafka' | 'load', number>>
  /** Shares of what was asked for; null where there is no such cache. */
  readonly answerHits: number | null
  readonly fieldHits: number | null
  /** Those that took most of the database's time, the costliest first. */
  readonly costliest: readonly Statement[]
  /** The one that takes longest each time, of those that requests wait for. */
  readonly worst: Statement | null
}

const COSTLIEST = 6

/** Loads a side for a while, and counts what it took until the last request was answered or given up. */
export async function measureWindow(
  { load, statements }: { load: Load; statements: StatementCounts },
  side: Side,
  order: LoadOrder,
): Promise<Window> {
  // Services ask their databases for some of their metrics: no client waits for that, so it is not counted.
  const fieldsBefore = await readFieldCaches(side.subgraphUrls)
  await statements.reset(side.database)
  const before = cpuOf(side)
  const { samples, cpuMs: loadMs } = await load.run(order)
  const [cpu, counted] = [cpuOf(side), await statements.read(side.database)]
  const fields = await readFieldCaches(side.subgraphUrls)
  const each = (total: number) => total / samples.length
  const reads = fields.reads - fieldsBefore.reads
  return {
    ratePerSecond: order.ratePerSecond,
    seconds: order.seconds,
    all: latenciesOf(samples),
    heavy: latenciesOf(samples.filter(({ endpoint }) => TRAITS[endpoint].isHeavy)),
    endpoints: byEndpoint(samples),
    statementsPerRequest: each(counted.reduce((sum, { calls }) => sum + calls, 0)),
    sqlMsPerRequest: each(counted.reduce((sum, { totalMs }) => sum + totalMs, 0)),
    cpuMsPerRequest: {
      services: each(cpu.services - before.services),
      postgres: each(cpu.postgres - before.postgres),
      redis: each(cpu.redis - before.redis),
      kafka: each(cpu.kafka - before.kafka),
      load: each(loadMs),
    },
    answerHits: answerHits(samples),
    fieldHits: reads > 0 ? (fields.hits - fieldsBefore.hits) / reads : null,
    costliest: counted.slice(0, COSTLIEST),
    worst: counted.filter(({ sql }) => !isBackground(sql)).sort((a, b) => b.meanMs - a.meanMs)[0] ?? null,
  }
}

function byEndpoint(samples: readonly Sample[]): Record<Endpoint, Latencies> {
  return Object.fromEntries(
    ENDPOINTS.map((name) => [name, latenciesOf(samples.filter(({ endpoint }) => endpoint === name))]),
  ) as Record<Endpoint, Latencies>
}

function answerHits(samples: readonly Sample[]): number | null {
  const hits = samples.filter(({ hit }) => hit === true).length
  return hits === 0 ? null : hits / samples.length
}

function cpuOf({ pids }: Side) {
  const sum = (some: readonly number[], children = false) =>
    some.reduce((total, pid) => total + cpuMs(pid, { children }), 0)
  return {
    services: sum(pids.services),
    postgres: sum(pids.postgres, true),
    redis: sum(pids.redis),
    kafka: sum(pids.kafka),
  }
}

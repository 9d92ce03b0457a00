import { expect, test } from '@jest/globals'
import type { Side } from '../stage.ts'
import { PATIENCE_MS } from '../workload/latencies.ts'
import type { Load } from '../workload/load.ts'
import type { Statement, StatementCounts } from './statements.ts'
import { measureWindow } from './window.ts'

const side: Side = {
  step: 'response-cache',
  url: 'http://gateway',
  database: 'shop',
  isFreshet: true,
  pids: { services: [process.pid], redis: [], kafka: [], postgres: [] },
  subgraphUrls: [],
}
const sample = { endpoint: 'home', latencyMs: 10, ok: true, hit: null } as const
const statement = (sql: string, calls: number, meanMs: number): Statement => ({
  ...{ sql, calls, meanMs },
  totalMs: calls * meanMs,
})
const waitedFor = "select a /*field='Query.home',operation='HomePage',service='catalog'*/"
const background = "select b /*operation='refresh trending',service='analytics'*/"
const bySession = "select c /*service='users'*/"

const measure = (counted: Statement[], samples: Awaited<ReturnType<Load['run']>>['samples']) => {
  const statements = { reset: async () => {}, read: async () => counted } as Partial<StatementCounts>
  const load = { run: async () => ({ samples, cpuMs: 8 }) } as Partial<Load>
  return measureWindow({ load: load as Load, statements: statements as StatementCounts }, side, {
    ratePerSecond: 4,
    seconds: 1,
  } as Parameters<Load['run']>[0])
}

test('all that a database did is a cost of the requests; the worst statement is one that a client waits for', async () => {
  const counted = [statement(background, 1, 900), statement(waitedFor, 6, 50), statement(bySession, 1, 70)]
  const window = await measure(counted, [sample, sample, sample, { ...sample, endpoint: 'track' }])
  expect(window).toMatchObject({
    statementsPerRequest: 2,
    sqlMsPerRequest: (900 + 300 + 70) / 4,
    worst: { sql: bySession },
    all: { count: 4 },
    heavy: { count: 3 },
  })
  expect(window.cpuMsPerRequest.load).toBe(2)
})

test('what failed took as long as a client waits, and answers out of a cache are a share of all', async () => {
  const window = await measure(
    [],
    [
      { ...sample, hit: true },
      { ...sample, hit: false },
      { ...sample, ok: false },
    ],
  )
  expect(window.all).toMatchObject({ failed: 1, p50Ms: 10, p99Ms: PATIENCE_MS })
  expect(window.answerHits).toBeCloseTo(1 / 3)
  expect(window.worst).toBeNull()
})

import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { createTrendingRepository } from '../src/trending/trending.repository.ts'
import { insertFacts, makePartitions, openAnalytics } from './harness.ts'

/* What the jobs export: how long ago each list was recomputed and the partitions were kept, and what no partition takes. */

let analytics: Awaited<ReturnType<typeof openAnalytics>>
beforeAll(async () => {
  analytics = await openAnalytics()
  await insertFacts(analytics.database, 3)
})
afterAll(() => analytics?.close())

const source = (path: string) => JSON.stringify(new URL(path, import.meta.url).href)

const HOUR_SECONDS = 3_600
const lists = ['DAY', 'WEEK', 'MONTH', 'CATEGORIES'] as const

/**
 * A process of its own, which telemetry is loaded into before all else: its metrics before and after the jobs' first turns.
 * Who asks for metrics does not wait long for the database: what it tells may come a look later.
 */
const script = `
  import assert from 'node:assert'
  import { createDatabase } from '@freshet/database'
  import { createLogger, metricsText } from '@freshet/telemetry'
  import { eventually } from '@freshet/testing'
  import { createPartitionsRepository } from ${source('../src/partitions/partitions.repository.ts')}
  import { createPartitionUpkeep } from ${source('../src/partitions/partitions.upkeep.ts')}
  import { createTrendingRefresh } from ${source('../src/trending/trending.refresh.ts')}
  import { createTrendingRepository } from ${source('../src/trending/trending.repository.ts')}
  const logger = createLogger('ages', { level: 'silent' })
  const database = createDatabase({ url: process.env.DATABASE_URL, service: 'analytics', statementTimeoutMs: 20_000, logger })
  const cache = { async invalidate() {} }
  const refresh = createTrendingRefresh({ repository: createTrendingRepository(database.db), cache, logger })
  const repository = createPartitionsRepository(database.db)
  const upkeep = createPartitionUpkeep({ repository, retentionMonths: 13, logger })
  const when = (isTold) => eventually(async () => {
    const text = await metricsText()
    const ages = [...text.matchAll(/^freshet_analytics_refresh_age\\w*\\{.*\\} (\\S+)/gm)].map(([, age]) => Number(age))
    assert(ages.length === ${lists.length} && ages.every(isTold), text)
    return text
  })
  const before = await when((age) => age >= ${HOUR_SECONDS})
  await Promise.all([refresh.start(), upkeep.start()])
  const after = await when((age) => age < ${HOUR_SECONDS})
  process.stdout.write(JSON.stringify([before, after]))
  process.exit(0)`

/** The metrics of analytics, by name and label. */
function valuesOf(text: string): Record<string, number> {
  const lines = text.matchAll(/^(freshet_analytics_\w+)(?:\{(?:list="(\w+)")?[^}]*\})? (\S+)/gm)
  return Object.fromEntries([...lines].map(([, name, list, value]) => [list ?? name, Number(value)]))
}

test('ages fall when the jobs have done their work, and rows that no partition takes are counted', async () => {
  const { database, testDatabase } = analytics
  const earlier = new Date(Date.now() - HOUR_SECONDS * 1_000)
  for (const list of lists) await createTrendingRepository(database.db).refresh(list, earlier)
  await makePartitions(database, { now: earlier })
  await sql`
    insert into activity (activity_id, kind, product_id, quantity, occurred_at)
    select gen_random_uuid(), 'VIEW', 1, 1, now() + interval '20 years' from generate_series(1, 3)`.execute(
    database.db,
  )

  const { stdout } = await promisify(execFile)(
    process.execPath,
    ['--import', '@freshet/telemetry/register', '--input-type=module', '-e', script],
    { cwd: new URL('..', import.meta.url), env: { ...process.env, DATABASE_URL: testDatabase.url } },
  )
  const [before, after] = (JSON.parse(stdout) as string[]).map(valuesOf)
  const ages = [...lists, 'freshet_analytics_partitions_upkeep_age_seconds']
  for (const age of ages) {
    expect(before?.[age]).toBeGreaterThanOrEqual(HOUR_SECONDS)
    expect(after?.[age]).toBeLessThan(HOUR_SECONDS)
  }
  const partitions = {
    freshet_analytics_partitions: expect.any(Number),
    freshet_analytics_partitions_default_rows: 3,
  }
  expect(before).toMatchObject(partitions)
  expect(after).toMatchObject(partitions)
  expect(after?.freshet_analytics_partitions).toBeGreaterThan(12)
})

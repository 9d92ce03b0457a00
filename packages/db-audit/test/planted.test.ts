import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { migrate, provision } from '@freshet/database'
import {
  createTestDatabase,
  eventually,
  type TestDatabase,
  vacuumAnalyze,
  withClient,
} from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type AuditReport, audit, type Finding, reportText } from '../src/index.ts'
import { faults } from './planted/faults.ts'
import { afterwards, schema } from './planted/schema.ts'
import { plantedLog } from './planted/server-log.ts'
import { type Sessions, startSessions } from './planted/sessions.ts'
import { adminTraffic, serviceTraffic } from './planted/traffic.ts'

let server: TestDatabase
let folder: string
let migrationsFolder: string
let sessions: Sessions | undefined
let report: AuditReport

beforeAll(async () => {
  server = await createTestDatabase({ service: 'planted', provision })
  folder = await mkdtemp(join(tmpdir(), 'freshet-audit-'))
  // Next to the tests, where a migration finds kysely.
  migrationsFolder = await mkdtemp(fileURLToPath(new URL('migrations-', import.meta.url)))
  await withClient(server.url, async (owner) => {
    await owner.query(schema.join(';\n'))
    for (const statement of afterwards) await owner.query(statement)
    // Who looks at its index must not have to look at its rows.
    await vacuumAnalyze(server.url, 'archive')
    const build = owner.query('create unique index concurrently labels_unique on labels (name)')
    await expect(build).rejects.toThrow(/could not create unique index/)
  })
  await withClient(server.adminUrl, async (admin) => {
    await admin.query('create extension pg_buffercache schema extensions')
    await admin.query('set search_path = planted, extensions')
    await adminTraffic(admin)
  })
  await serviceTraffic(server.url)
  const { baseline } = await audit({ url: server.adminUrl })
  const files = { log: join(folder, 'postgres.log'), baseline: join(folder, 'baseline.json') }
  await writeFile(files.baseline, JSON.stringify(baseline))
  await withClient(server.url, async (owner) => {
    await owner.query('drop index invoices_by_number')
    await owner.query('insert into counters select n, n from generate_series(301, 9000) n')
    await owner.query('analyze counters')
  })
  await writeFile(files.log, (await plantedLog(server.adminUrl)).join('\n'))
  sessions = await startSessions(server.url, server.adminUrl)
  report = await eventually(
    async () => {
      const found = await audit({ url: server.adminUrl, ...files })
      // These become findings by lasting for some seconds, or once the session that counts them says so.
      const passing = faults.filter(({ id }) => /^(session|pool|database)\./.test(id))
      expect(passing.filter(({ id, object }) => !findingOf(id, object, found))).toEqual([])
      return found
    },
    { timeoutMs: 180_000 },
  )
})
afterAll(async () => {
  await sessions?.close()
  await server?.close()
  for (const one of [folder, migrationsFolder]) if (one) await rm(one, { recursive: true })
})

const findingOf = (id: string, object: RegExp, of = report): Finding | undefined =>
  of.findings.find((finding) => finding.id === id && object.test(finding.object))

test('finds every fault', () => {
  const missed = faults.filter(({ id, object }) => !findingOf(id, object)).map(({ fault }) => fault)
  expect(missed).toEqual([])
  // Whoever takes one out says so here, and in the README.
  expect(faults).toHaveLength(82)
})

test('says whose a statement is, by its comment', () => {
  const owned = faults.filter(({ owner }) => owner !== undefined)
  for (const { id, object, owner } of owned) expect(findingOf(id, object)?.evidence.owner).toBe(owner)
  expect(owned).toHaveLength(3)
})

test('takes a foreign key without an index more seriously where rows are deleted', () => {
  expect(findingOf('foreign-key.no-index', /offers/)?.severity).toBe('warning')
  expect(findingOf('foreign-key.no-index', /items/)?.severity).toBe('info')
})

test('tells each thing once, the most urgent first, and nothing of itself', () => {
  const names = report.findings.map(({ id, object }) => `${id} ${object}`)
  expect(names).toEqual([...new Set(names)])
  const ranks = report.findings.map(({ severity }) => ['error', 'warning', 'info'].indexOf(severity))
  expect(ranks).toEqual(ranks.toSorted((a, b) => a - b))
  expect(JSON.stringify(report)).not.toContain('freshet-db-audit')
})

test('says what an index gains, takes and costs, by having tried it', () => {
  const { evidence } = findingOf('index.missing', /^planted\.orders \(customer_id\)$/)!
  expect(evidence).toMatchObject({ copied_rows: 40_000, statements: 1, writes: 40_000 })
  for (const figure of ['gain', 'bytes', 'wal_bytes_per_write']) expect(evidence[figure]).toBeGreaterThan(0)
})

test('tells nothing of a queue that is empty, nor of a page that is read as it should be', () => {
  const told = report.findings.filter(({ object }) => /queue|fence/.test(object))
  expect(told).toEqual([])
})

test('tells nothing of what only looks like a fault', () => {
  const told = report.findings.filter(({ object }) => /^planted\.(fine|years|hashed)/.test(object))
  expect(told).toEqual([])
})

test('takes it for worth knowing, and no more, that a job sums up a whole table', () => {
  expect(findingOf('plan.large-scan', /avg\(total\)/)).toMatchObject({
    severity: 'info',
    evidence: { owner: 'planted, refresh averages' },
  })
})

test('tells two statements that begin alike, each by itself', () => {
  const told = report.findings.filter(({ object }) => /^planted\.shipments: select id, tracking/.test(object))
  expect(told.map(({ id }) => id)).toEqual(['plan.large-scan', 'plan.large-scan'])
})

test('names what it can not explain', () => {
  // Five statements of the administrator, whose own search path has not their tables.
  expect(report.notExplained.map(({ reason }) => reason)).toEqual(
    Array(5).fill(expect.stringMatching(/^relation ".*" does not exist$/)),
  )
  expect(reportText(report)).toMatch(/^5 statements could not be explained/m)
})

test('leaves no copy behind', async () => {
  await withClient(server.adminUrl, async (admin) => {
    const { rows } = await admin.query(`select from pg_namespace where nspname like 'freshet_audit%'`)
    expect(rows).toEqual([])
  })
})

test('its migrations run as they are, and end what they are for', async () => {
  // An index that is built concurrently waits for whoever has a transaction open.
  await withClient(server.adminUrl, async (admin) => {
    await admin.query(`select pg_terminate_backend(pid) from pg_stat_activity
      where datname = current_database() and pid <> pg_backend_pid()`)
  })
  const migrations = report.findings.flatMap(({ migration }) => migration ?? [])
  for (const [index, { name, text }] of migrations.entries())
    await writeFile(join(migrationsFolder, `${String(index + 1).padStart(4, '0')}_${name}.ts`), text)
  const { applied } = await migrate({ url: server.url, folder: migrationsFolder, service: 'planted' })
  expect(applied).toHaveLength(migrations.length)
  const { findings } = await audit({ url: server.adminUrl })
  expect(findings.filter(({ id }) => id.startsWith('index.missing'))).toEqual([])
  expect(findings.filter(({ id }) => id === 'foreign-key.no-index')).toEqual([])
  // One more than before: the half of an index of a foreign key, which its whole one begins with.
  const duplicates = findings.filter(({ id }) => id === 'index.duplicate').map(({ object }) => object)
  expect(duplicates).toHaveLength(8)
  expect(duplicates).toContain('planted.offers_of_product')
})

import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { openAuditClient } from '../src/audit-client.ts'
import { readFacts } from '../src/facts/read-facts.ts'
import { readTables } from '../src/facts/tables.ts'
import { AuditError, audit } from '../src/index.ts'
import { explain } from '../src/plans/explained.ts'
import { copyTable, dropCopy } from '../src/scratch/scratch-copy.ts'
import { type Audited, openAudited, repeatedly } from './open-audited.ts'

let audited: Audited
beforeAll(async () => {
  audited = await openAudited('guarded')
  await audited.admin.query(
    'create table guarded.notes (id bigint primary key, author int not null, text text not null)',
  )
  await audited.admin.query(
    `insert into guarded.notes select n, n % 999, 'text' from generate_series(1, 20000) n`,
  )
  await audited.admin.query('analyze guarded.notes')
  await repeatedly(audited.admin, 'select text from guarded.notes where author = 7')
})
afterAll(() => audited?.close())

async function failureOf(url: string): Promise<AuditError> {
  const failure = await audit({ url }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(AuditError)
  return failure as AuditError
}

test('says which rights a role lacks', async () => {
  const failure = await failureOf(audited.server.url)
  expect(failure).toMatchObject({ code: 'NOT_PERMITTED', message: expect.stringMatching(/grant pg_monitor/) })
})

test('a role that may only look finds what there is to see, and says what it could not try', async () => {
  await audited.admin.query('grant pg_monitor, pg_read_all_data to guarded')
  try {
    const { findings } = await audit({ url: audited.server.url })
    expect(findings.map(({ id, object }) => [id, object])).toEqual([
      ['plan.large-scan', 'guarded.notes: select text from guarded.notes where author = $1'],
      ['index.not-tried', 'guarded.notes'],
    ])
    expect(findings[1]!.detail).toContain('permission denied')
  } finally {
    await audited.admin.query('revoke pg_monitor, pg_read_all_data from guarded')
  }
})

test('says what a database without pg_stat_statements needs', async () => {
  await audited.admin.query('alter extension pg_stat_statements set schema public')
  expect((await audit({ url: audited.server.adminUrl })).findings.map(({ id }) => id)).toEqual([
    'index.missing',
  ])
  await audited.admin.query('drop extension pg_stat_statements')
  expect(await failureOf(audited.server.adminUrl)).toMatchObject({
    code: 'STATEMENTS_MISSING',
    message: expect.stringContaining('shared_preload_libraries'),
  })
  await audited.admin.query('create extension pg_stat_statements schema extensions')
})

test('runs nothing of what it explains', async () => {
  const client = await openAuditClient(audited.server.adminUrl, 'scratch')
  try {
    const hidden = "select 1 where '$' = E'\\'; drop table guarded.notes; --'"
    for (const text of [hidden, 'select 1; drop table guarded.notes', 'analyze delete from guarded.notes']) {
      await explain(client, text, null).catch(() => null)
    }
    await explain(client, 'delete from guarded.notes where id = $1', null)
    expect(await client.rows('select count(*)::int as count from guarded.notes')).toEqual([{ count: 20_000 }])
  } finally {
    await client.close()
  }
})

test('can change nothing where it reads', async () => {
  const client = await openAuditClient(audited.server.adminUrl, 'read-only')
  try {
    await expect(client.rows('delete from guarded.notes')).rejects.toThrow('read-only transaction')
  } finally {
    await client.close()
  }
})

test('locks a table for no longer than it is read', async () => {
  const [client, reader] = [
    await openAuditClient(audited.server.adminUrl, 'scratch'),
    await openAuditClient(audited.server.adminUrl, 'read-only'),
  ]
  try {
    const table = (await readTables(reader)).find(({ name }) => name === 'notes')!
    const copy = await copyTable(client, table)
    expect(copy.rows).toBe(20_000)
    const [own] = await client.rows<{ pid: number }>('select pg_backend_pid() as pid')
    const [lock] = await reader.rows<{ count: number }>(
      `select count(*)::int as count from pg_locks where relation = 'guarded.notes'::regclass and pid = ${own!.pid}`,
    )
    expect(lock).toEqual({ count: 0 })
    await dropCopy(client)
    expect(await client.rows(`select from pg_class where relname like 'freshet_audit%'`)).toEqual([])
  } finally {
    await client.close()
    await reader.close()
  }
})

test('knows the rows of a copy again that is large enough for scans to begin where the last one ended', async () => {
  await audited.admin.query(`
    create table guarded.wide (id integer primary key, body text);
    insert into guarded.wide select id, repeat('x', 1900) from generate_series(1, 24000) as id`)
  const [client, reader] = [
    await openAuditClient(audited.server.adminUrl, 'scratch'),
    await openAuditClient(audited.server.adminUrl, 'read-only'),
  ]
  try {
    const [size] = await reader.rows<{ beyond: boolean }>(`
      select pg_table_size('guarded.wide') > pg_size_bytes(current_setting('shared_buffers')) / 4 as beyond`)
    expect(size).toEqual({ beyond: true })
    const copy = await copyTable(client, (await readTables(reader)).find(({ name }) => name === 'wide')!)
    expect(await copy.walPerInsert()).toBeGreaterThan(0)
    await dropCopy(client)
  } finally {
    await client.close()
    await reader.close()
    await audited.admin.query('drop table guarded.wide')
  }
})

test('refuses a log that may never end, and a baseline of another database', async () => {
  const client = { url: audited.server.adminUrl }
  await expect(audit({ ...client, log: '/dev/zero' })).rejects.toMatchObject({ code: 'LOG_UNREADABLE' })
  const { baseline } = await audit(client)
  const folder = await mkdtemp(join(tmpdir(), 'freshet-audit-'))
  try {
    const file = join(folder, 'baseline.json')
    await writeFile(file, JSON.stringify({ ...baseline, database: 'elsewhere' }))
    await expect(audit({ ...client, baseline: file })).rejects.toMatchObject({
      code: 'BASELINE_INVALID',
      message: expect.stringContaining('elsewhere'),
    })
  } finally {
    await rm(folder, { recursive: true })
  }
})

test('explains statements whose constants had their type by how they were written', async () => {
  const statements = [
    `select json_build_object('id', id, 'text', text, 'now', to_char(now(), 'HH')) from guarded.notes where id = 7`,
    `select id from guarded.notes where now() - interval '1 day' * author < now() - 3 * interval '1 hour'`,
    `select id from guarded.notes where current_date - 7 < now()::date - author + 1 and date '2026-11-26' < '2026-11-27'::date`,
  ]
  for (const statement of statements)
    for (let time = 0; time < 5; time++) await audited.admin.query(`${statement} /*service='constants'*/`)
  const reader = await openAuditClient(audited.server.adminUrl, 'read-only')
  try {
    const facts = await readFacts(reader, { log: undefined, logSeconds: 3_600, baseline: null })
    expect(facts.plans.filter(({ tags }) => tags.service === 'constants')).toHaveLength(statements.length)
    expect(facts.notExplained).toEqual([])
  } finally {
    await reader.close()
  }
})

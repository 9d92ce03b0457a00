import { provision } from '@freshet/database'
import { createTestDatabase, eventually, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { AuditError, audit } from '../src/index.ts'

let server: TestDatabase
const clients: pg.Client[] = []
async function open(name: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: server.adminUrl, application_name: name })
  client.on('error', () => {})
  await client.connect()
  clients.push(client)
  return client
}

beforeAll(async () => {
  server = await createTestDatabase({ service: 'locked', provision })
  const admin = await open('by hand')
  await admin.query(`
    create table locked.notes (id bigint primary key, author int not null, text text not null);
    create table locked.events (at date not null, kind int not null check (kind > 0)) partition by range (at);
    create table locked.events_all partition of locked.events for values from ('2020-01-01') to (maxvalue);
    create index events_late on locked.events_all (kind) where at > '2026-01-01';
    create materialized view locked.counts as select count(*) from locked.events_all;
    insert into locked.notes select n, n % 999, 'text' from generate_series(1, 20000) n;
    insert into locked.events select '2026-01-01', 1 + n % 999 from generate_series(1, 20000) n;
    analyze locked.notes, locked.events`)
  for (let time = 0; time < 6; time++) {
    await admin.query('select text from locked.notes where author = 7')
    await admin.query('select at from locked.events where kind = 7')
  }
})
afterAll(async () => {
  await Promise.all(clients.map((client) => client.end()))
  await server?.close()
})

test('tells of everything but the tables that are locked, and who locks them', async () => {
  const [holder, waiter] = [await open('holder'), await open('waiter')]
  const { rows } = await holder.query('select pg_backend_pid() as pid')
  await holder.query('begin')
  await holder.query('lock table locked.events_all in access exclusive mode')
  const waiting = waiter.query('select count(*) from locked.events_all')
  try {
    const { findings } = await eventually(async () => {
      const report = await audit({ url: server.adminUrl })
      expect(report.findings.map(({ id }) => id)).toContain('session.blocked')
      return report
    })
    expect(findings.map(({ id, object }) => `${id} ${object}`)).toEqual(
      expect.arrayContaining([
        'index.missing locked.notes (author)',
        'audit.left-out locked.events',
        'audit.left-out locked.events_all',
      ]),
    )
    expect(findings.find(({ id }) => id === 'audit.left-out')?.detail).toContain(
      `session ${rows[0].pid} (holder)`,
    )
    expect(findings.filter(({ id }) => /^(foreign-key|index\.(?!missing)|plan|view|table)/.test(id))).toEqual(
      [],
    )
  } finally {
    await holder.query('rollback')
    await waiting
  }
  const { findings } = await audit({ url: server.adminUrl })
  expect(findings.map(({ id }) => id)).not.toContain('audit.left-out')
})

test('says that no table could be read where a catalog is locked, and still tells of the sessions', async () => {
  const holder = await open('holder')
  await holder.query('begin')
  await holder.query('lock table pg_attrdef in access exclusive mode')
  try {
    const { findings } = await audit({ url: server.adminUrl })
    expect(findings.map(({ id, object }) => [id, object])).toContainEqual(['audit.left-out', 'all tables'])
    expect(findings.filter(({ id }) => /^(foreign-key|index|table)/.test(id))).toEqual([])
  } finally {
    await holder.query('rollback')
  }
})

test('ends with an error of its own where PostgreSQL ends it', async () => {
  const holder = await open('holder')
  const { rows } = await holder.query(
    "select extnamespace::regnamespace::text as schema from pg_extension where extname = 'pg_stat_statements'",
  )
  await holder.query('begin')
  await holder.query(`lock table ${rows[0].schema}.pg_stat_statements in access exclusive mode`)
  try {
    const failure = await audit({ url: server.adminUrl }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AuditError)
    expect(failure).toMatchObject({ code: 'INTERRUPTED', exitCode: 2, cause: expect.any(Error) })
    expect((failure as Error).message).toContain('run it again')
  } finally {
    await holder.query('rollback')
  }
})

test('says why connecting takes too long where a catalog that every session reads is locked', async () => {
  const [holder, admin] = [await open('holder'), await open('by hand')]
  await holder.query('begin')
  await holder.query('lock table pg_ts_template in access exclusive mode')
  // Without the file of cached catalogs, which this removes, a new session reads them all.
  await admin.query('reindex index pg_am_name_index')
  try {
    const failure = await audit({ url: server.adminUrl }).catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(AuditError)
    expect(failure).toMatchObject({ code: 'UNREACHABLE', exitCode: 2 })
    expect((failure as Error).message).toContain('a session that holds a lock on a catalog')
  } finally {
    await holder.query('rollback')
  }
})

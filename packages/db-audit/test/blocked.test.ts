import { provision } from '@freshet/database'
import { createTestDatabase, eventually } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import pg from 'pg'
import { openAuditClient } from '../src/audit-client.ts'
import { blockedFindings } from '../src/checks/blocked.ts'
import { readActivity, type SessionFacts } from '../src/facts/activity.ts'

test('names the session that all others wait for, once, though some wait behind one that waits itself', async () => {
  const server = await createTestDatabase({ service: 'waiting', provision })
  const clients: pg.Client[] = []
  const open = async (name: string) => {
    const client = new pg.Client({ connectionString: server.url, application_name: name })
    client.on('error', () => {})
    await client.connect()
    clients.push(client)
    return client
  }
  const audit = await openAuditClient(server.adminUrl, 'read-only')
  try {
    const forgetful = await open('forgetful')
    await forgetful.query('create table notes (id bigint primary key)')
    await forgetful.query('begin')
    await forgetful.query(`select id from notes /*service='catalog',operation='Report'*/`)
    const pidOf = async (client: pg.Client) =>
      (await client.query('select pg_backend_pid() as pid')).rows[0].pid as number
    const [migration, reader, other] = [await open('migration'), await open('reader'), await open('other')]
    const pids = await Promise.all([migration, reader, other].map(pidOf))
    const waits = [migration.query('alter table notes add column text text')]
    const findings = async (waiting: number) => {
      const found = blockedFindings((await readActivity(audit)).sessions)
      expect(found).toEqual([expect.objectContaining({ evidence: expect.objectContaining({ waiting }) })])
      return found
    }
    await eventually(() => findings(1))
    waits.push(reader.query('select id from notes'), other.query('select id from notes'))
    const [finding] = await eventually(() => findings(3))
    const pid = (await readActivity(audit)).sessions.find(({ program }) => program === 'forgetful')!.pid
    expect(finding).toMatchObject({
      object: `session ${pid} (forgetful)`,
      advice: expect.stringContaining(`pg_terminate_backend(${pid})`),
      detail: expect.stringContaining(`wait behind session ${pids[0]} (migration), in turn`),
      evidence: { owner: 'catalog, Report' },
    })
    expect(finding!.detail).toContain('idle in transaction, its last statement is select id from notes.')
    await forgetful.query('rollback')
    await Promise.all(waits)
  } finally {
    await audit.close()
    for (const client of clients) await client.end()
    await server.close()
  }
})

const session = (pid: number, ...blockedBy: number[]): SessionFacts => ({
  pid,
  blockedBy,
  role: 'catalog',
  program: 'catalog',
  state: 'active',
  secondsInState: pid,
  secondsInTransaction: 9,
  sql: `select ${pid}`,
  tags: {},
})

test('tells a holder that is no session, and leaves a circle to PostgreSQL', () => {
  const told = blockedFindings([
    session(1, 0),
    session(2, 77),
    session(3, 4),
    session(4, 3),
    session(5, 1, 2),
  ])
  expect(told.map(({ object, evidence }) => [object, evidence.sessions])).toEqual([
    ['a prepared transaction', '5, 1'],
    ['session 77', '5, 2'],
  ])
  expect(told[0]!.advice).toContain('pg_prepared_xacts')
})

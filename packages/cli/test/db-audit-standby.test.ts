import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { audit } from '@freshet/db-audit'
import { down, removeProfile, up } from '@freshet/local'
import { withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'

const profile = `standby-${process.pid}`
let url: string

const running = async () => (await up({ profile, parts: ['postgres'], env: {} })).postgresAdminUrl

beforeAll(async () => {
  url = await running()
  const data = await withClient(url, async (client) => {
    await client.query('create extension pg_stat_statements')
    await client.query('create table notes (id bigint primary key, author int not null, text text not null)')
    await client.query(`insert into notes select n, n % 999, 'text' from generate_series(1, 20000) n`)
    await client.query('analyze notes')
    return (await client.query('show data_directory')).rows[0].data_directory as string
  })
  await down({ profile })
  // What a standby is that has replayed everything, and hears of nothing new.
  await writeFile(join(data, 'standby.signal'), '')
  url = await running()
})
afterAll(() => removeProfile(profile))

test('audits a standby by what it was asked, and says that only the primary can try an index', async () => {
  await withClient(url, async (client) => {
    expect((await client.query('select pg_is_in_recovery() as standby')).rows).toEqual([{ standby: true }])
    // So often that one time in which the machine was busy makes no slow statement of it.
    for (let time = 0; time < 60; time++) await client.query('select text from notes where author = 7')
  })
  const { findings, topStatements } = await audit({ url })
  expect(findings.map(({ id, object }) => [id, object])).toEqual([
    ['plan.large-scan', 'public.notes: select text from notes where author = $1'],
    ['index.not-tried', 'public.notes'],
  ])
  expect(findings[1]!.detail).toContain('cannot execute CREATE')
  expect(findings[1]!.advice).toContain('primary')
  expect(topStatements.map(({ sql }) => sql)).toContain('select text from notes where author = $1')
})

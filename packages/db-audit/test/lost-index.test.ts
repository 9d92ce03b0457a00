import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { vacuumAnalyze } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type AuditReport, audit } from '../src/index.ts'
import { type Audited, openAudited } from './open-audited.ts'

let audited: Audited
let folder: string
let baseline: AuditReport['baseline']
beforeAll(async () => {
  audited = await openAudited('lost')
  folder = await mkdtemp(join(tmpdir(), 'freshet-audit-'))
  await audited.admin.query(`
    create table lost.ranked (category_id int, product_id int, popularity int not null, primary key (category_id, product_id));
    insert into lost.ranked select n % 100, n, n % 997 from generate_series(1, 40000) n;
    create index ranked_by_popularity on lost.ranked (category_id, popularity desc, product_id)`)
  await vacuumAnalyze(audited.server.adminUrl, 'lost.ranked')
  for (let time = 0; time < 6; time++) {
    await audited.admin.query(
      'select product_id from lost.ranked where category_id = 7 order by popularity desc limit 20',
    )
    await audited.admin.query('select count(*) from lost.ranked where category_id = 7 and popularity > 900')
  }
  baseline = (await audit({ url: audited.server.adminUrl })).baseline
})
afterAll(async () => {
  await audited?.close()
  if (folder) await rm(folder, { recursive: true })
})

async function worse(before: unknown) {
  const file = join(folder, 'baseline.json')
  await writeFile(file, JSON.stringify(before))
  const { findings } = await audit({ url: audited.server.adminUrl, baseline: file })
  return findings.filter(({ id }) => id.startsWith('plan'))
}

test('keeps the indexes of its plans in a baseline', () => {
  expect(baseline.indexes).toEqual([
    {
      schema: 'lost',
      table: 'ranked',
      name: 'ranked_by_popularity',
      definition:
        'CREATE INDEX ranked_by_popularity ON lost.ranked USING btree (category_id, popularity DESC, product_id)',
      isAlone: true,
    },
  ])
})

test('tells of an index that is gone though another one stands in for it, and brings it back', async () => {
  await audited.admin.query('drop index lost.ranked_by_popularity')
  const found = await worse(baseline)
  expect(found.map(({ id, severity }) => [id, severity])).toEqual([
    ['plan.lost-index', 'error'],
    ['plan.lost-index', 'error'],
  ])
  for (const { advice, evidence } of found) {
    expect(evidence.lost_indexes).toBe('lost.ranked_by_popularity')
    expect(advice).toContain('CREATE INDEX ranked_by_popularity ON lost.ranked')
  }
  const migrations = found.flatMap(({ migration }) => migration ?? [])
  expect(migrations).toEqual([
    expect.objectContaining({ schema: 'lost', name: 'index_ranked_by_popularity' }),
  ])
  expect(migrations[0]!.text).toContain(
    'sql`on ranked USING btree (category_id, popularity DESC, product_id)`',
  )
})

test('takes a baseline from before it held indexes', async () => {
  const { indexes: _, plans, ...rest } = baseline
  const old = { ...rest, plans: plans.map(({ indexes: _own, ...plan }) => plan) }
  expect((await worse(old)).map(({ id }) => id)).not.toContain('plan.lost-index')
})

test('misses no index that is there by another name', async () => {
  await audited.admin.query(
    'create index ranked_anew on lost.ranked (category_id, popularity desc, product_id)',
  )
  await vacuumAnalyze(audited.server.adminUrl, 'lost.ranked')
  expect(await worse(baseline)).toEqual([])
})

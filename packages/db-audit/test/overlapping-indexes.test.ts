import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { audit } from '../src/index.ts'
import { type Audited, openAudited } from './open-audited.ts'

let audited: Audited
beforeAll(async () => {
  audited = await openAudited('overlap')
  await audited.admin.query(`
    create table overlap.variants (id bigint primary key, product_id bigint not null, "position" int not null, price int not null,
      sku text not null, memo text not null);
    insert into overlap.variants
      select n, n % 5000, n % 8, n % 997, 'S' || n, repeat('m', 100) from generate_series(1, 40000) n`)
  await audited.admin.query('vacuum analyze overlap.variants')
})
afterAll(() => audited?.close())

test('proposes one index for statements that it serves together, and another one only for what it does not serve', async () => {
  for (let time = 0; time < 6; time++) {
    await audited.admin.query(
      'select id, memo from overlap.variants where product_id = 7 order by "position", id',
    )
    await audited.admin.query('select id, memo from overlap.variants where product_id = 7 and price < 500')
    await audited.admin.query('select id, memo from overlap.variants where product_id = 7')
    await audited.admin.query(`select id, memo from overlap.variants where sku = 'S7'`)
  }
  const { findings } = await audit({ url: audited.server.adminUrl })
  const missing = findings.filter(({ id }) => id === 'index.missing')
  expect(missing.map(({ object, evidence }) => [object, evidence.statements])).toEqual([
    ['overlap.variants (product_id, "position", id)', 3],
    ['overlap.variants (sku)', 1],
  ])
  // Of the statements that these serve, no scan is told.
  expect(findings.filter(({ id }) => id === 'plan.large-scan')).toEqual([])
})

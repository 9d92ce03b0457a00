import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { audit } from '../src/index.ts'
import { type Audited, openAudited } from './open-audited.ts'

let audited: Audited
beforeAll(async () => {
  audited = await openAudited('dropped')
  await audited.admin.query(`
    create table dropped.variants (id bigint primary key, product_id bigint not null, price int not null, words tsvector, memo text not null);
    insert into dropped.variants
      select n, n % 5000, n % 997, to_tsvector('simple', 'w' || n), repeat('m', 100) from generate_series(1, 40000) n;
    create index variants_of_product on dropped.variants (product_id, price);
    create index variants_with_words on dropped.variants using gin (words);
    create table dropped.outbox (id bigint primary key, state text not null, memo text not null);
    insert into dropped.outbox select n, 's' || n % 300, repeat('m', 100) from generate_series(1, 40000) n;
    create index outbox_open on dropped.outbox (id) where state = 's7'`)
  await audited.admin.query('vacuum analyze dropped.variants, dropped.outbox')
  for (let time = 0; time < 200; time++) {
    await audited.admin.query('select id, memo from dropped.variants where product_id = $1', [time])
    await audited.admin.query('select id, memo from dropped.variants where words @@ $1::tsquery', [
      `w${time}`,
    ])
    await audited.admin.query(`select id, memo from dropped.outbox where state = 's7' order by id limit 5`)
  }
})
afterAll(() => audited?.close())

const found = async () =>
  (await audit({ url: audited.server.adminUrl })).findings
    .filter(({ id }) => /^(index\.missing|plan)/.test(id))
    .map(({ id, object }) => `${id} ${object}`)

test('a dropped index is missed whatever its statements have read on average while it was there', async () => {
  // Nor is anything missing where a literal of the statement makes a partial index of use.
  expect(await found()).toEqual([])
  await audited.admin.query('drop index dropped.variants_of_product, dropped.variants_with_words')
  expect(await found()).toEqual([
    'index.missing dropped.variants (product_id)',
    'plan.large-scan dropped.variants: select id, memo from dropped.variants where words @@ $1::tsquery',
  ])
})

import { migrate } from '@freshet/database'
import { createTestDatabase, withClient } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { createTrendingRepository } from '../../services/analytics/src/trending/trending.repository.ts'
import { createMeter } from './meter.ts'
import { fillLists } from './queries.ts'

const migrations = new URL('../../services/analytics/migrations/', import.meta.url)

const SHOP = `
  insert into product_facts (product_id, version, title, seller_id, category_ids, price_minor, currency)
  select id, 1, 'Product ' || id, 9, array[1, 2], 1000, 'USD' from generate_series(1, 5) as id;
  insert into product_stats_hourly (product_id, hour, views)
  select id, '2026-11-20T12:00Z', id from generate_series(1, 5) as id;
  insert into trending (time_window, product_id, rank, score) values ('DAY', 3, 1, 7);
  insert into refreshes (name, refreshed_at) values ('DAY', '2026-11-20T20:00Z')`

test('a refresh is measured, over the lists as they are now, and nobody else ever sees it', async () => {
  const database = await createTestDatabase({ service: 'analytics', migrations, migrate })
  try {
    await withClient(database.url, (client) => client.query(SHOP))
    const lists = () =>
      withClient(database.url, async (client) => {
        const { rows } = await client.query(
          'select (select json_agg(t) from trending t) as trending, (select json_agg(r) from refreshes r) as refreshes',
        )
        return rows
      })
    const before = await lists()
    const meter = createMeter({ url: database.url, service: 'analytics', runs: 2 })
    try {
      const trending = createTrendingRepository(meter.db)
      await fillLists(meter.db, { today: '2026-11-20' })
      const cost = await meter.costOf(() => trending.refresh('DAY', new Date('2026-11-20T23:00:00Z')))
      expect(cost.buffers).toBeGreaterThan(0)
      const [filled] = await trending.findLists(['DAY'])
      expect(filled?.map(({ productId }) => productId)).toEqual(['5', '4', '3', '2', '1'])
      expect(await lists()).toEqual(before)
    } finally {
      await meter.close()
    }
    expect(await lists()).toEqual(before)
  } finally {
    await database.close()
  }
})

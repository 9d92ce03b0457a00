import { expect, test } from '@jest/globals'
import { createTestDatabase, eventually, vacuumAnalyze, withClient } from '../src/index.ts'

test('a vacuum is made again until nobody keeps it from marking all rows', async () => {
  const { adminUrl, close } = await createTestDatabase({ service: 'vacuuming' })
  try {
    await withClient(adminUrl, async (reader) => {
      await reader.query('begin isolation level repeatable read; select 1')
      await withClient(adminUrl, async (client) => {
        await client.query('create table things as select generate_series(1, 1000) as id')
        const vacuumed = vacuumAnalyze(adminUrl, 'things')
        await eventually(async () => {
          const { rows } = await client.query(
            `select vacuum_count > 1 as "isAgain" from pg_stat_user_tables where relname = 'things'`,
          )
          expect(rows).toEqual([{ isAgain: true }])
        })
        await reader.query('rollback')
        await vacuumed
        const { rows } = await client.query(
          `select relallvisible > 0 and relallvisible = relpages as "isMarked" from pg_class where relname = 'things'`,
        )
        expect(rows).toEqual([{ isMarked: true }])
      })
    })
  } finally {
    await close()
  }
})

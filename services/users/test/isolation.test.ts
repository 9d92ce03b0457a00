import { createDatabase, provision } from '@freshet/database'
import { createServiceDatabase } from '@freshet/subgraph/testing'
import { createLogger } from '@freshet/telemetry'
import { expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { service } from './harness.ts'

const logger = createLogger('isolation', { level: 'silent' })

test("another service's role is refused on the accounts", async () => {
  const own = await createServiceDatabase(service)
  await provision({ adminUrl: own.adminUrl, service: 'outsider', password: 'outsider' })
  const url = new URL(own.adminUrl)
  url.username = 'outsider'
  url.password = 'outsider'
  const outsider = createDatabase<unknown>({ url: url.href, service: 'outsider', logger })
  try {
    for (const statement of [
      'select from users.accounts',
      'select from users.wishlist_items',
      'create table users.theirs ()',
    ]) {
      await expect(sql.raw(statement).execute(outsider.db)).rejects.toMatchObject({ code: '42501' })
    }
  } finally {
    await outsider.close()
    await own.close()
  }
})

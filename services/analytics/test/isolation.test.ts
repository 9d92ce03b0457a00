import { createDatabase, provision } from '@freshet/database'
import { createServiceDatabase } from '@freshet/subgraph/testing'
import { createLogger } from '@freshet/telemetry'
import { expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { service } from './harness.ts'

const logger = createLogger('isolation', { level: 'silent' })

test("another service's role is refused on analytics' tables", async () => {
  const own = await createServiceDatabase(service)
  await provision({ adminUrl: own.adminUrl, service: 'outsider', password: 'outsider' })
  const url = new URL(own.adminUrl)
  url.username = 'outsider'
  url.password = 'outsider'
  const outsider = createDatabase<unknown>({ url: url.href, service: 'outsider', logger })
  try {
    await expect(sql`select from analytics.activity`.execute(outsider.db)).rejects.toMatchObject({
      code: '42501',
    })
    await expect(sql`create table analytics.theirs ()`.execute(outsider.db)).rejects.toMatchObject({
      code: '42501',
    })
  } finally {
    await outsider.close()
    await own.close()
  }
})

import { createTestDatabase, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { runFreshet } from './run-freshet.ts'

let database: TestDatabase
beforeAll(async () => {
  database = await createTestDatabase({ service: 'migrating' })
})
afterAll(() => database?.close())

test('says whom it waits for, and Ctrl-C ends it with a line', async () => {
  await withClient(database.adminUrl, async (other) => {
    await other.query("set application_name = 'somebody'")
    await other.query("select pg_advisory_lock(hashtext('freshet migrate'))")
    const run = runFreshet(['migrate'], { FRESHET_POSTGRES_URL: database.adminUrl })
    await run.printed(/waits for its turn to migrate, which PostgreSQL's process \d+ \(somebody/)
    run.child.kill('SIGINT')
    expect(await run.ended).toBe(130)
    expect(run.output().match(/interrupted; to migrate again goes on from here/g)).toHaveLength(1)
    expect(run.output()).not.toContain('migrated')
  })
})

import { createTestDatabase, type TestDatabase, withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { withScratchDatabase } from '../src/index.ts'

let server: TestDatabase
beforeAll(async () => {
  server = await createTestDatabase({ service: 'db_scratch' })
})
afterAll(() => server?.close())

const names = () =>
  withClient(server.adminUrl, async (client) => {
    const { rows } = await client.query(
      "select datname from pg_database where datname like 'freshet_scratchtest_%'",
    )
    return rows
  })

test('is gone after its work, after a failure, and as soon as it is interrupted', async () => {
  const options = { serverUrl: server.adminUrl, purpose: 'scratchtest' }
  expect(await withScratchDatabase(options, names)).toHaveLength(1)
  expect(await names()).toEqual([])
  const failed = withScratchDatabase(options, () => Promise.reject(new Error('no')))
  await expect(failed).rejects.toThrow('no')
  expect(await names()).toEqual([])
  const stop = new AbortController()
  const never = withScratchDatabase({ ...options, signal: stop.signal }, async () => {
    stop.abort(new Error('stopped'))
    return new Promise(() => {})
  })
  await expect(never).rejects.toThrow('stopped')
  expect(await names()).toEqual([])
})

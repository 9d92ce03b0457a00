import { staleFiles } from '@freshet/subgraph/codegen'
import { createServiceDatabase } from '@freshet/subgraph/testing'
import { expect, test } from '@jest/globals'
import { generation } from '../generation.ts'
import { service } from './harness.ts'

test('the generated files are what the schema and the migrations say now', async () => {
  const database = await createServiceDatabase(service)
  try {
    expect(await staleFiles(generation, database.adminUrl)).toEqual([])
  } finally {
    await database.close()
  }
})

import { staleFiles } from '@freshet/subgraph/codegen'
import { createServiceDatabase } from '@freshet/subgraph/testing'
import { expect, test } from '@jest/globals'
import { generation } from '../generation.ts'
import { service } from './shop.ts'

test('the generated files are what the schema and the migrations say now', async () => {
  const database = await createServiceDatabase(service)
  try {
    expect(await staleFiles(generation, database.url)).toEqual([])
  } finally {
    await database.close()
  }
})

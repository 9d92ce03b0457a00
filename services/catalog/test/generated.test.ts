import { migrate, provision } from '@freshet/database'
import { staleFiles } from '@freshet/subgraph/codegen'
import { createTestDatabase } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { generation } from '../generation.ts'

test('src/generated is what the schema and the migrations make it', async () => {
  const migrations = new URL('../migrations/', import.meta.url)
  const database = await createTestDatabase({ service: 'catalog', migrations, migrate, provision })
  try {
    expect(await staleFiles(generation, database.url)).toEqual([])
  } finally {
    await database.close()
  }
})

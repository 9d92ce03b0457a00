import { staleFiles } from '@freshet/subgraph/codegen'
import { expect, test } from '@jest/globals'
import { generation } from '../generation.ts'
import { createUsersDatabase } from './harness.ts'

test('the generated files are what the schema and the migrations say now', async () => {
  const database = await createUsersDatabase()
  try {
    expect(await staleFiles(generation, database.adminUrl)).toEqual([])
  } finally {
    await database.close()
  }
})

import { migrate, provision } from '@freshet/database'
import { createTestDatabase, parts } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { generateResolverTypes, runGenerate, staleFiles } from '../src/codegen.ts'
import { generation } from './shop/generation.ts'
import { migrations, schema } from './shop/shop.ts'

// That they type-check, in strict mode and with types that can only be erased, is seen by this package's type check.
test("generates the shop's files as they are committed", async () => {
  const database = await createTestDatabase({ service: 'shop', migrations, migrate, provision })
  expect(await staleFiles(generation, database.url)).toEqual([])
  const renamed = { ...generation, mappers: {} }
  expect(await staleFiles(renamed, database.url)).toEqual(['src/generated/graphql.ts'])
  await database.close()
})

test('types resolvers by rows, references by keys, enums as texts, and imports nothing but types', async () => {
  const text = await generateResolverTypes({ ...generation, schema })
  expect(text).toMatch(/import type \{ ProductRow, ShopContext \} from '\.\.\/\.\.\/context\.ts'/)
  expect(text).not.toMatch(/^import (?!type)/m)
  expect(text).toContain('Product: ResolverTypeWrapper<ProductRow>')
  expect(text).toMatch(/__resolveReference\?: ReferenceResolver</)
  expect(text).toMatch(/export type Sort =\s+\| 'NAME'\s+\| 'NEWEST'/)
  expect(text).not.toMatch(/\benum\b|_entities|_Service/)
})

test('writes them from a database that it makes for the time of it', async () => {
  await runGenerate(generation, { POSTGRES_ADMIN_URL: parts().postgresAdminUrl })
  const database = await createTestDatabase({ service: 'shop', migrations, migrate, provision })
  expect(await staleFiles(generation, database.url)).toEqual([])
  await database.close()
})

import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from '@jest/globals'
import { buildSchema, readSchema } from '../src/schema.ts'
import { schema as folder } from './shop/shop.ts'

test('reads the files of a folder in the order of their names, with or without a slash at its end', async () => {
  const { definitions } = await readSchema(folder)
  expect(definitions[0]!.loc!.source.name).toBe('a-shared.graphql')
  expect(definitions.at(-1)!.loc!.source.name).toBe('b-product.graphql')
  const bare = await readSchema(new URL(folder.href.slice(0, -1)))
  expect(bare.definitions).toHaveLength(definitions.length)
})

test('refuses a folder without a schema', async () => {
  const empty = await mkdtemp(join(tmpdir(), 'freshet-schema-'))
  await expect(readSchema(pathToFileURL(empty))).rejects.toThrow('There is no *.graphql file')
  await rm(empty, { recursive: true })
})

test('refuses resolvers of types and fields that the schema does not have', async () => {
  const typeDefs = await readSchema(folder)
  const resolvers = {
    Product: { nmae: () => 'x', name: () => 'x' },
    Prodcut: { id: () => 'x' },
    Query: { __proto: 1 },
  }
  expect(() => buildSchema(typeDefs, resolvers)).toThrow(
    'Resolvers of what the schema does not have: Product.nmae, Prodcut',
  )
})

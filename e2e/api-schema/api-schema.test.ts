import { expect, test } from '@jest/globals'
import { ask } from '../supergraph.ts'

test('clients see nothing of what the services tell the caches', async () => {
  const { data } = await ask('{ __schema { types { name } directives { name } } }')
  const named = [...data.__schema.types, ...data.__schema.directives].map(({ name }) => name as string)
  expect(named).toContain('Product')
  expect(named.filter((name) => /cache/i.test(name))).toEqual([])
})

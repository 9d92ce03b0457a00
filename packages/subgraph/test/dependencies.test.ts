import { type Cache, CacheUnavailableError } from '@freshet/cache'
import type { Viewer } from '@freshet/http'
import { afterAll, beforeAll, expect, jest, test } from '@jest/globals'
import { freshnessOf } from '../src/dependencies/answer-freshness.ts'
import { createRecording, noDependencies, trackedViewer, within } from '../src/dependencies/recording.ts'
import { encodeId } from '../src/index.ts'
import { openShop, type Shop } from './shop/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())

const viewer: Viewer = { id: '1', roles: ['CUSTOMER'], sessionId: 's1' }
const id = (product: number) => encodeId('Product', String(product))
const product = (number: number) => ({ __typename: 'Product', id: id(number) })
const crate = { __typename: 'Crate', id: '1' }

async function freshness(query: string, variables: Record<string, unknown> = {}, as: Viewer | null = viewer) {
  const { extensions } = await shop.subgraph.executeOperation({ query, variables, viewer: as })
  return extensions?.freshet
}
const ofEntities = (fields: string, representations: unknown[], as?: Viewer | null) =>
  freshness(
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { ${fields} } } }`,
    { of: representations },
    as,
  )
const ofProduct = (fields: string, as?: Viewer | null) =>
  freshness(`{ product(id: "${id(1)}") { ${fields} } }`, {}, as)

test('an answer has the tags of all that it loaded, from a cache or not', async () => {
  const expected = { maxAge: 60, scope: 'PUBLIC', tags: ['product:1', 'product:2'] }
  expect(await ofProduct('name next { name }')).toEqual(expected)
  expect(await ofProduct('name next { name }')).toEqual(expected)
})

test('what there is not has tags too: its creation changes the answer', async () => {
  expect(await freshness(`{ product(id: "${id(77)}") { name } }`)).toMatchObject({ tags: ['product:77'] })
})

test('each representation has its own tags, whichever batch its rows came from', async () => {
  expect(await ofEntities('name next { name }', [product(1), product(3), product(2), product(77)])).toEqual({
    maxAge: 60,
    scope: 'PUBLIC',
    tags: ['product:1', 'product:2', 'product:3', 'product:4', 'product:77'],
    entities: [[0, 1], [2, 3], [1, 2], [4]],
  })
})

test('a representation that is given twice, as the same object, has its tags twice', async () => {
  const cup = product(3)
  expect(await ofEntities('name', [cup, cup])).toMatchObject({ tags: ['product:3'], entities: [[0], [0]] })
})

test('representations of which nothing is read depend on nothing', async () => {
  const query =
    'query ($of: [_Any!]!) { things: _entities(representations: $of) { ... on Product { next { id } } } }'
  expect(await freshness(query, { of: [product(1)] })).toMatchObject({ tags: ['product:1', 'product:2'] })
  expect(await freshness(query, { of: [] })).toMatchObject({ tags: [], entities: [] })
})

test('an answer that asked who asks is the viewer’s own, for nobody too', async () => {
  for (const as of [viewer, null]) {
    expect(await freshness('{ viewer }', {}, as)).toEqual({ maxAge: 60, scope: 'PRIVATE', tags: [] })
    expect(await ofProduct('isOwned', as)).toEqual({
      maxAge: 60,
      scope: 'PRIVATE',
      tags: ['product:1', 'owned:1'],
    })
  }
})

test('only the representations that asked who asks are the viewer’s own', async () => {
  const query = `query ($of: [_Any!]!, $all: Boolean!) { _entities(representations: $of) {
    ... on Product { name isOwned @include(if: $all) next { isOwned } } } }`
  const of = [product(4), product(5)]
  // Of the last product there is no next one that could ask.
  expect(await freshness(query, { of, all: false })).toMatchObject({ scope: 'PRIVATE', private: [0] })
  expect(await freshness(query, { of, all: true })).toMatchObject({ scope: 'PRIVATE', private: [0, 1] })
})

test('where the policy is private, all representations are the viewer’s own, also those that did not ask', () => {
  const recording = createRecording()
  const frames = [1, 2].map(() => ({ ...recording.whole, dependencies: noDependencies() }))
  recording.representations = { key: '_entities', frames, frameOf: new WeakMap() }
  expect(freshnessOf(recording, { maxAge: 60, scope: 'PRIVATE' })).toMatchObject({
    scope: 'PRIVATE',
    private: [0, 1],
  })
})

test('a viewer that is read in another request’s frame makes its own answer private, not the other one', () => {
  const [own, other] = [createRecording(), createRecording()]
  const read = trackedViewer(own, viewer)
  expect(within(other.whole, read)).toBe(viewer)
  expect(own.whole.dependencies.readViewer).toBe(true)
  expect(other.whole.dependencies.readViewer).toBe(false)
})

test('a value that is told by its age has no tags outside, and bounds the answer’s age', async () => {
  expect(await ofProduct('name sold')).toEqual({ maxAge: 5, scope: 'PUBLIC', tags: ['product:1'] })
  expect(await ofEntities('sold', [product(1)])).toMatchObject({ maxAge: 5, tags: ['product:1'] })
})

test.each([
  ['a value of which nobody tells when it changes', `{ product(id: "${id(1)}") { weather } }`],
  ['a load that failed, though the resolver went on', `{ product(id: "${id(1)}") { guess } }`],
  ['a statement that a resolver sent itself', '{ products { nodes { name } } }'],
  ['a root field without a policy', `{ echo(input: { text: "x" }) }`],
  [
    'one of two root fields without a policy',
    `{ product(id: "${id(1)}") { name } echo(input: { text: "x" }) }`,
  ],
  ['an error', '{ viewer broken }'],
  ['an error of one field', '{ viewer secret }'],
  ['the schema', '{ _service { sdl } }'],
  ['introspection, beside a policy', `{ product(id: "${id(1)}") { name } __schema { queryType { name } } }`],
  ['nothing but the type’s name', '{ __typename }'],
])('an answer with %s says nothing: it must not be stored', async (_what, query) => {
  expect(await freshness(query)).toBeUndefined()
})

test('a representation of a type without a policy makes all of them unfit', async () => {
  const query = (fragments: string) =>
    `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { name } ${fragments} } }`
  const of = [product(1), crate]
  expect(await freshness(query(''), { of: [product(1)] })).toMatchObject({ maxAge: 60 })
  expect(await freshness(query('... on Crate { id }'), { of })).toBeUndefined()
  expect(await freshness(`${query('...Box')} fragment Box on Crate { id }`, { of })).toBeUndefined()
})

test('two sets of representations in one answer could not be told apart', async () => {
  const query = `query ($of: [_Any!]!) {
    a: _entities(representations: $of) { ... on Product { name } }
    b: _entities(representations: $of) { ... on Product { name } } }`
  expect(await freshness(query, { of: [product(1)] })).toBeUndefined()
})

test('what stands beside the representations counts for all of them', async () => {
  const query = `query ($of: [_Any!]!) {
    product(id: "${id(5)}") { name } viewer
    _entities(representations: $of) { ... on Product { name } } }`
  const told = await freshness(query, { of: [product(1), product(2)] })
  expect(told).toMatchObject({ scope: 'PRIVATE', private: [0, 1] })
  const tagsOf = (indexes: readonly number[]) => new Set(indexes.map((index) => told!.tags![index]))
  expect(told!.entities!.map(tagsOf)).toEqual([
    new Set(['product:1', 'product:5']),
    new Set(['product:2', 'product:5']),
  ])
})

test('many requests at once don’t see each other’s', async () => {
  const numbers = [1, 2, 3, 4, 5]
  await shop.cache.clear()
  const told = await Promise.all(
    Array.from({ length: 50 }, (_, index) => ofEntities('name isOwned', [product(numbers[index % 5]!)])),
  )
  for (const [index, one] of told.entries()) {
    const number = numbers[index % 5]!
    expect(one!.tags).toEqual([`product:${number}`, `owned:${number}`])
  }
})

test('a mutation tells what it has invalidated, all writes of an operation in one', async () => {
  const invalidate = jest.spyOn(shop.cache, 'invalidate')
  const { data, told } = await renameTwo()
  expect(data).toEqual({ a: { name: 'Awl' }, b: { name: 'Bowl' } })
  const { sequence } = await (invalidate.mock.results[1]!.value as ReturnType<Cache['invalidate']>)
  expect(told).toEqual({ tags: ['product:1', 'product:2'], sequence })
  invalidate.mockRestore()
})

test('a mutation says so when one of its invalidations was not acknowledged', async () => {
  const invalidate = jest.spyOn(shop.cache, 'invalidate')
  invalidate.mockRejectedValueOnce(new CacheUnavailableError(['product:1'], { cause: new Error('gone') }))
  expect((await renameTwo()).told).toEqual({ tags: ['product:1', 'product:2'], sequence: null })
  invalidate.mockRestore()
})

test('a mutation that wrote nothing tells nothing', async () => {
  const { data, extensions } = await shop.subgraph.executeOperation({ query: 'mutation { __typename }' })
  expect(data).toEqual({ __typename: 'Mutation' })
  expect(extensions).toBeUndefined()
})

async function renameTwo() {
  const rename = (number: number, name: string) => `rename(id: "${id(number)}", name: "${name}") { name }`
  const query = `mutation { a: ${rename(1, 'Awl')} b: ${rename(2, 'Bowl')} }`
  const { data, extensions } = await shop.subgraph.executeOperation({ query, viewer })
  return { data, told: extensions?.freshet?.invalidated }
}

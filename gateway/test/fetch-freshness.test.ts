import { expect, test } from '@jest/globals'
import { freshnessOf, writeOf } from '../src/execution/fetch-freshness.ts'

const root = { service: 'catalog', audience: 'ada', askedAt: 1_000, representations: undefined }
const said = (freshet: unknown, more: object = {}) => ({
  data: { product: null },
  extensions: { freshet },
  ...more,
})
const publicOne = { maxAge: 60, scope: 'PUBLIC', tags: ['product:1'] }

test('a public answer is for everybody, from the moment it was asked for', () => {
  expect(freshnessOf(said(publicOne), root).whole).toEqual({
    expiresAt: 61_000,
    audience: null,
    tags: ['catalog/product:1', 'catalog/*'],
  })
})

test('a private answer is for whom it was asked', () => {
  expect(freshnessOf(said({ ...publicOne, scope: 'PRIVATE' }), root).whole?.audience).toBe('ada')
})

test.each([
  ['says nothing of itself', { data: {} }],
  ['has an error', said(publicOne, { errors: [{ message: 'x' }] })],
  ['has no data', { data: null, extensions: { freshet: publicOne } }],
  ['has no age', said({ ...publicOne, maxAge: 0 })],
  ['has an age that is no number', said({ ...publicOne, maxAge: '60' })],
  ['has an unknown scope', said({ ...publicOne, scope: 'EVERYBODY' })],
  ['has no scope', said({ maxAge: 60, tags: [] })],
  ['has tags that are no texts', said({ ...publicOne, tags: [1] })],
  ['has no tags', said({ maxAge: 60, scope: 'PUBLIC' })],
])('an answer that %s is not stored', (_, answer) => {
  expect(freshnessOf(answer, root)).toEqual({ whole: undefined, entities: undefined })
})

const two = { ...root, representations: 2 }
const entities = (freshet: object) =>
  freshnessOf(
    {
      data: { _entities: [{}, {}] },
      extensions: { freshet: { ...publicOne, tags: ['a', 'b'], ...freshet } },
    },
    two,
  ).entities

test('each representation depends on its own tags, and may be private alone', () => {
  expect(entities({ scope: 'PRIVATE', entities: [[0, 1], [1]], private: [1] })).toEqual([
    { expiresAt: 61_000, audience: null, tags: ['catalog/a', 'catalog/b', 'catalog/*'] },
    { expiresAt: 61_000, audience: 'ada', tags: ['catalog/b', 'catalog/*'] },
  ])
})

test.each([
  ['does not say which', { scope: 'PRIVATE', entities: [[0], [1]] }],
  ['says it in a way that is not understood', { scope: 'PUBLIC', entities: [[0], [1]], private: [7] }],
])('when a private answer %s, all representations are private', (_, freshet) => {
  expect(entities(freshet)?.map(({ audience }) => audience)).toEqual(['ada', 'ada'])
})

test.each([
  ['of another number of representations', { entities: [[0]] }],
  ['with a tag that is not there', { entities: [[0], [2]] }],
  ['of none', {}],
])('dependencies %s are not believed', (_, freshet) => {
  expect(entities(freshet)).toBeUndefined()
})

test('a write is read with its sequence, or without where that is not one', () => {
  const write = (invalidated: unknown) => writeOf(said({ invalidated }))
  expect(write({ tags: ['product:1'], sequence: '17' })).toEqual({ tags: ['product:1'], sequence: '17' })
  expect(write({ tags: ['product:1'], sequence: '1x' })).toEqual({ tags: ['product:1'], sequence: null })
  // Followed, it would keep the service's L1 from being read for years.
  const inTwoHours = String((Date.now() + 7_200_000) * 1_000)
  expect(write({ tags: ['product:1'], sequence: inTwoHours })).toEqual({
    tags: ['product:1'],
    sequence: null,
  })
  expect(write({ tags: 'product:1' })).toBeUndefined()
  expect(writeOf({ data: {} })).toBeUndefined()
})

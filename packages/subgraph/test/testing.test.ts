import type { Viewer } from '@freshet/http'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { buildSchema } from 'graphql'
import { encodeId } from '../src/index.ts'
import {
  answersTo,
  changed,
  type FieldQuery,
  fieldQueries,
  leaks,
  missedChanges,
} from '../src/testing/index.ts'
import { openShop, type Shop } from './shop/shop.ts'

let shop: Shop
beforeAll(async () => {
  shop = await openShop()
})
afterAll(() => shop?.close())

const viewer: Viewer = { id: '1', roles: ['CUSTOMER'], sessionId: 's1' }
const id = (product: number) => encodeId('Product', String(product))
const namesOf = (queries: readonly FieldQuery[]) => queries.map(({ name }) => name)
const schema = buildSchema(`
  type Query { thing(id: ID!): Thing list(of: Int = 1): [Thing!]! count: Int }
  type Thing { id: ID! part(no: Int): Part thing: Thing size(in: Unit!): Int }
  type Part { of: Thing name: String }
  enum Unit { CM INCH }
`)
const args = { 'Query.thing': ['id: 1', 'id: 2'], 'Thing.size': ['in: CM', 'in: INCH'] }

test('asks for each field once below each beginning, in the shortest way, with each of its arguments', () => {
  const queries = fieldQueries(schema, { args, representations: {} })
  const below = ['Thing.id', 'Thing.size', 'Thing.size', 'Thing.part Part.name']
  expect(namesOf(queries)).toEqual([
    ...['thing', 'thing', 'list'].flatMap((root) => below.map((field) => `Query.${root} ${field}`)),
    'Query.count',
  ])
  const texts = queries.map(({ query }) => query.replace(/\s+/g, ' '))
  expect(texts).toContain('{ thing(id: 2) { size(in: INCH) } }')
  expect(texts).toContain('{ list { part { name } } }')
})

test('asks again for what is below another set of arguments', () => {
  const queries = fieldQueries(schema, {
    args: { ...args, 'Thing.part': ['', 'no: 2'] },
    representations: {},
  })
  const texts = queries.map(({ query }) => query.replace(/\s+/g, ' '))
  expect(texts).toContain('{ thing(id: 1) { part { name } } }')
  expect(texts).toContain('{ thing(id: 1) { part(no: 2) { name } } }')
  expect(texts).toContain('{ thing(id: 1) { part(no: 2) { of { size(in: CM) } } } }')
})

test('does not forget a required argument, or a type of entities', () => {
  expect(() => fieldQueries(schema, { args: {}, representations: {} })).toThrow('args has no Query.thing')
  const shops = { args: shopArgs, representations: { Product: [] } }
  expect(() => fieldQueries(shop.subgraph.schema, shops)).toThrow('representations has no Crate')
})

const shopArgs = {
  'Query.product': [`id: "${id(1)}"`],
  'Query.echo': ['input: { text: "x" }'],
  'Query.at': ['when: "2026-11-23T03:44:00.000Z"'],
}
const shopQueries = () =>
  fieldQueries(shop.subgraph.schema, {
    args: shopArgs,
    representations: { Product: [{ id: id(1) }, { id: id(2) }], Crate: [{ id: '1' }] },
  }).filter(({ name }) => !/Query\.(slow|secret|broken)/.test(name))

test('finds nothing in the shop: its tags are complete, and it leaks nothing', async () => {
  const before = await answersTo(shop.subgraph, shopQueries())
  const { extensions } = await shop.subgraph.executeOperation({
    query: `mutation { rename(id: "${id(2)}", name: "Bowl") { id } }`,
  })
  const after = await answersTo(shop.subgraph, shopQueries())
  expect(changed(before, after)).toEqual(
    expect.arrayContaining([
      '_entities.Product Product.name #1',
      'Query.products ProductConnection.edges ProductEdge.cursor',
    ]),
  )
  const { tags } = extensions!.freshet!.invalidated!
  expect(missedChanges(before, after, tags)).toEqual([])
  const viewers = [null, viewer, { ...viewer, id: '2' }]
  const answers = await Promise.all(viewers.map((one) => answersTo(shop.subgraph, shopQueries(), one)))
  expect(leaks(answers)).toEqual([])
  expect(changed(answers[0]!, answers[1]!)).toContain('Query.viewer')
})

test('finds a change that no tag tells of, in the representation that it is about', async () => {
  const before = await answersTo(shop.subgraph, shopQueries())
  const rename = `mutation { rename(id: "${id(2)}", name: "Basin") { id } }`
  await shop.subgraph.executeOperation({ query: rename })
  const after = await answersTo(shop.subgraph, shopQueries())
  const missed = missedChanges(before, after, ['product:1'])
  expect(missed).toContainEqual(
    '_entities.Product Product.name #1: {"name":"Bowl"} is now {"name":"Basin"}; it depends on product:2',
  )
  expect(missedChanges(before, after, ['product:1'], 60)).toEqual([])
})

test('finds what one viewer would be shown of another’s', () => {
  const kept = { tags: [], maxAge: 60, isPrivate: false }
  const part = (data: unknown, isPrivate: boolean) => [
    { name: 'Query.me', data, kept: { ...kept, isPrivate } },
  ]
  expect(leaks([part(1, true), part(2, true)])).toEqual([])
  expect(leaks([part(1, false), part(1, false)])).toEqual([])
  expect(leaks([part(1, true), part(1, true), part(2, false)])).toEqual(['Query.me: 1 or 1 or 2'])
  expect(
    leaks([[{ name: 'x', data: 1, kept: undefined }], [{ name: 'x', data: 2, kept: undefined }]]),
  ).toEqual([])
})

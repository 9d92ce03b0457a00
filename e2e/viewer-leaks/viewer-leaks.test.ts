import { readdirSync } from 'node:fs'
import { eventually } from '@freshet/testing'
import { beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import { buildClientSchema, type GraphQLSchema, getIntrospectionQuery } from 'graphql'
import {
  ask,
  categoryId,
  isHit,
  productId,
  readOperation,
  sharedSystem,
  signIn,
  userId,
} from '../supergraph.ts'
import { randomQuery } from './random-operation.ts'

interface Viewer {
  readonly name: string
  readonly token: string | null
  /** What only this viewer may ever be shown. */
  readonly marks: readonly string[]
}

const { uncachedGatewayUrl } = sharedSystem()
const viewers: Viewer[] = []
const hits = { answers: 0, fetches: 0 }
let schema: GraphQLSchema

const own = `{ me { email sessions { id } notifications(first: 50) { nodes { id } }
  wishlist(first: 50) { nodes { id } } addresses { id } } }`

beforeAll(async () => {
  const introspected = await ask(getIntrospectionQuery())
  schema = buildClientSchema(introspected.data)
  for (const name of ['demo', 'seller']) {
    const token = await signIn(name)
    for (const id of [1, 2, 3]) await ask('AddToWishlist', { input: { productId: productId(id) } }, { token })
    const { data } = await ask(own, {}, { token, gatewayUrl: uncachedGatewayUrl })
    const { me } = data
    const lists = [me.sessions, me.addresses, me.notifications.nodes, me.wishlist.nodes] as { id: string }[][]
    const marks = [me.email as string, ...lists.flat().map(({ id }) => id)]
    expect(marks.length).toBeGreaterThan(5)
    viewers.push({ name, token, marks: marks.map((mark) => JSON.stringify(mark)) })
  }
  viewers.push({ name: 'guest', token: null, marks: [] })
})

/**
 * Asks as each viewer in turn, twice: every level has something of the ones before. Each answer must be what a gateway
 * without caches says to the same viewer, and hold nothing that is another's alone.
 */
async function askAsEverybody(query: string, variables: Record<string, unknown> = {}): Promise<void> {
  for (const viewer of [...viewers, ...viewers]) {
    const { token, name } = viewer
    const others = viewers.filter((one) => one !== viewer).flatMap(({ marks }) => marks)
    const leaked = new Set<string>()
    // What another scenario writes meanwhile may fall between the two.
    await eventually(async () => {
      const cached = await ask(query, variables, { token })
      // Without data where it asks for more than an operation may: both gateways must say so.
      const text = JSON.stringify([cached.data, cached.errors])
      for (const mark of others) if (text.includes(mark)) leaked.add(mark)
      const status = cached.headers.get('cache-status') ?? ''
      if (isHit(cached)) hits.answers++
      hits.fetches += Number(/hits=(\d+)/.exec(status)?.[1] ?? 0)
      const plain = await ask(query, variables, { token, gatewayUrl: uncachedGatewayUrl })
      expect({ viewer: name, data: cached.data, codes: codesOf(cached) }).toEqual({
        viewer: name,
        data: plain.data,
        codes: codesOf(plain),
      })
    })
    // Once is too often, whatever the next answer was.
    expect({ viewer: name, leaked: [...leaked], query }).toEqual({ viewer: name, leaked: [], query })
  }
}

const codesOf = ({ errors }: Awaited<ReturnType<typeof ask>>) =>
  (errors ?? []).map(({ path, extensions }) => `${path?.join('.')} ${extensions.code}`)

const variablesOf: Readonly<Record<string, Record<string, unknown>>> = {
  ProductPage: { id: productId(1) },
  CategoryListing: { slug: 'electronics', first: 5 },
  ProductList: { first: 5 },
  Dashboard: { sellerId: userId(2) },
}

test('every query of the repository, by two viewers and a guest in turn, shows each their own', async () => {
  const names = readdirSync(new URL('../operations', import.meta.url))
    .map((file) => file.replace('.graphql', ''))
    .filter((name) => readOperation(name).startsWith('query'))
  expect(names.length).toBeGreaterThan(5)
  for (const name of names) await askAsEverybody(readOperation(name), variablesOf[name])
})

test('so does every random query', async () => {
  const ids = [1, 2, 3].map((id) => `id: "${productId(id)}"`)
  const users = [1, 2, 3, 4].map((id) => `id: "${userId(id)}"`)
  const queries = randomQuery(schema, {
    'Query.product': ids,
    'Query.user': users,
    'Query.category': ['slug: "electronics"', `id: "${categoryId(1)}"`],
    'Query.products': ['first: 2', 'first: 3, sort: NEWEST'],
    'Query.dashboard': [1, 2].map((id) => `sellerId: "${userId(id)}"`),
    'Query.trending': ['first: 2', 'first: 3, window: WEEK'],
    'Category.products': ['first: 2'],
    'Category.topProducts': ['first: 2'],
    'Product.related': ['first: 2'],
    'User.wishlist': ['first: 2', 'first: 50'],
    'User.notifications': ['first: 2', 'first: 50'],
    'User.recentlyViewed': ['first: 2'],
  })
  await fc.assert(
    fc.asyncProperty(queries, (query) => askAsEverybody(query)),
    { numRuns: 60, endOnFailure: true },
  )
  // Or nothing was tried.
  expect(hits.answers).toBeGreaterThan(60)
  expect(hits.fetches).toBeGreaterThan(20)
})

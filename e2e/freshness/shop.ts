import type { Observation, ReadAnswer, ReadShape, WriteOutcome } from '@freshet/testing'
import pg from 'pg'
import { encodeGlobalId } from '../ids.ts'
import { readOperation } from '../supergraph.ts'
import type { DoorAnswer, Doors } from './doors.ts'

/** Prices of the checker are above all others, so its products lead every list that is sorted by price. */
const LOWEST_PRICE = 1_000_000_000
const LISTED = 24

const PRODUCT = 'query FreshProduct($id: ID!) { product(id: $id) { id version price { amount } } }'
const LISTING = `query FreshListing {
  products(first: ${LISTED}, sort: PRICE_DESC) { nodes { id version price { amount } seller { displayName } } }
}`
const PERSONAL = `query FreshPersonal($id: ID!) {
  me { handle }
  product(id: $id) { id version price { amount } viewerHasWishlisted }
}`

/** The shop as the checker sees it. */
export interface Shop {
  /** Ids of products, as they are stored. */
  readonly keys: readonly string[]
  readonly shapes: readonly ReadShape[]
  /** Sets a new price through a gateway, as an admin. */
  readonly write: (door: string, key: string) => Promise<WriteOutcome>
  readonly storedVersion: (key: string) => Promise<number>
  readonly currencyOf: (key: string) => string
  readonly storedVersions: () => Promise<ReadonlyMap<string, number>>
  close(): Promise<void>
}

/**
 * Some products of a running supergraph, and the ways to ask for them: alone, as a page over three services, in a list
 * that is sorted by what is written, and beside what only the viewer may see.
 *
 * @param parts.adminUrl of the database, to see what is stored and not what anybody says
 */
export async function openShop(parts: { doors: Doors; adminUrl: string; products?: number }): Promise<Shop> {
  const { doors, adminUrl, products = 8 } = parts
  const database = new pg.Pool({ connectionString: adminUrl, max: 2 })
  // The server may be told to end its connections while the pool is idle, when its database is dropped.
  database.on('error', () => undefined)
  const { rows } = await database.query<{ id: string; currency: string }>(
    `select id, currency from catalog.products where status = 'ACTIVE' order by id limit $1`,
    [products],
  )
  const currencies = new Map(rows.map(({ id, currency }) => [id, currency]))
  const keys = [...currencies.keys()]
  const keyOf = new Map(keys.map((key) => [encodeGlobalId('Product', key), key]))
  const body = (query: string, key?: string) =>
    JSON.stringify({ query, variables: key === undefined ? {} : { id: encodeGlobalId('Product', key) } })
  const sessions = createSessions(doors)
  const setPrice = readOperation('SetPrice')
  let price = LOWEST_PRICE

  function observe(product: { id: string; version: number; price: { amount: number } }): Observation[] {
    const key = keyOf.get(product.id)
    return key === undefined ? [] : [{ key, version: product.version, value: product.price.amount }]
  }
  function about(key: string, answer: DoorAnswer): Pick<ReadAnswer, 'observations' | 'problems'> {
    const product = answer.data?.product ?? null
    if (product !== null) return { observations: observe(product) }
    if (answer.errors === undefined) return { observations: [], problems: [`there is no product ${key}`] }
    throw errorOf(answer)
  }
  const aboutProduct = (name: string, query: string): ReadShape => {
    const bodies = new Map(keys.map((key) => [key, body(query, key)]))
    return {
      name,
      async read(door, key) {
        const answer = await doors.ask(door, bodies.get(key)!)
        return { ...answer, ...about(key, answer) }
      },
    }
  }

  const listing: ReadShape = {
    name: 'listing',
    async read(door) {
      const answer = await doors.ask(door, body(LISTING))
      if (answer.data?.products == null) throw errorOf(answer)
      const observations: Observation[] = answer.data.products.nodes.flatMap(observe)
      const missing = keys.filter((key) => !observations.some((one) => one.key === key))
      const problems = missing.map((key) => `product ${key} is not in the list that it leads`)
      return { ...answer, observations, descending: true, problems }
    },
  }
  const personal: ReadShape = {
    name: 'personal',
    async read(door, key) {
      const viewer = Math.random() < 0.5 ? 'demo' : 'seller'
      const answer = await sessions.ask(door, viewer, body(PERSONAL, key))
      const { observations, problems = [] } = about(key, answer)
      const shown = answer.data.me?.handle ?? viewer
      const leaks = shown === viewer ? [] : [`${viewer} was shown ${shown}'s data`]
      return { ...answer, observations, problems: [...problems, ...leaks] }
    },
  }

  async function write(door: string, key: string): Promise<WriteOutcome> {
    const amount = ++price
    const input = {
      productId: encodeGlobalId('Product', key),
      price: { amount, currency: currencies.get(key) },
    }
    const answer = await sessions.ask(
      door,
      'admin',
      JSON.stringify({ query: setPrice, variables: { input } }),
    )
    if (answer.data?.setPrice == null) throw errorOf(answer)
    const { product, userErrors } = answer.data.setPrice
    if (userErrors.length > 0) return { outcome: 'refused' }
    const outcome = answer.isLate ? 'late' : 'acknowledged'
    return { outcome, version: product.version, value: amount }
  }
  async function storedVersions(): Promise<Map<string, number>> {
    const found = await database.query<{ id: string; version: number }>(
      'select id, version from catalog.products where id = any($1)',
      [keys],
    )
    return new Map(found.rows.map(({ id, version }) => [id, version]))
  }

  // From here on each leads the list.
  for (const key of keys) await write(doors.urls[0]!, key)
  return {
    keys,
    shapes: [
      aboutProduct('product', PRODUCT),
      aboutProduct('page', readOperation('ProductPage')),
      listing,
      personal,
    ],
    write,
    currencyOf: (key) => currencies.get(key)!,
    storedVersions,
    storedVersion: async (key) => (await storedVersions()).get(key)!,
    close: () => database.end(),
  }
}

function errorOf({ errors: [error] = [] }: DoorAnswer): Error {
  return new Error(
    error === undefined ? 'null, without an error' : `${error.extensions?.code}: ${error.message}`,
  )
}

/** Signed-in viewers, who sign in again when their session is lost. */
function createSessions(doors: Doors) {
  const tokens = new Map<string, Promise<string>>()

  async function signIn(door: string, handle: string): Promise<string> {
    const input = { email: `${handle}@freshet.example`, password: 'freshet-demo-1' }
    const answer = await doors.ask(
      door,
      JSON.stringify({ query: readOperation('SignIn'), variables: { input } }),
    )
    const token = answer.data?.signIn?.token
    if (typeof token !== 'string') throw new Error(`${handle} can't sign in: ${JSON.stringify(answer)}`)
    return token
  }

  return {
    async ask(door: string, handle: string, body: string): Promise<DoorAnswer> {
      const signing = tokens.get(handle) ?? signIn(door, handle)
      tokens.set(handle, signing)
      const forget = () => {
        if (tokens.get(handle) === signing) tokens.delete(handle)
      }
      signing.catch(forget)
      const answer = await doors.ask(door, body, await signing)
      if (answer.errors?.some(({ extensions }) => extensions?.code === 'UNAUTHENTICATED')) forget()
      return answer
    },
  }
}

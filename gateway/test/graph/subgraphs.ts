import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { Viewer } from '@freshet/http'
import { badUserInput, createSubgraph, forbidden } from '@freshet/subgraph'
import { createLogger } from '@freshet/telemetry'
import type { FastifyInstance } from 'fastify'
import { type FaultFront, startFaultFront } from './fault-front.ts'

type Resolvers = Parameters<typeof createSubgraph>[0]['resolvers']

export const secret = 'a-secret-of-the-tests'

const LINK =
  'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\nscalar DateTime\n'

/** Small, but real: three services on HTTP, each behind a front that can misbehave. */
export interface SmallGraph {
  readonly users: Service
  readonly catalog: Service
  readonly analytics: Service
  /** What the users service was asked as, the newest last. */
  readonly viewers: (Viewer | null)[]
  readonly sessions: Map<string, Viewer>
  /** Of catalog's products that were renamed. */
  readonly titles: Map<string, string>
  close(): Promise<void>
}

interface Service {
  readonly front: FaultFront
  readonly schemaFolder: string
}

export async function startSmallGraph(): Promise<SmallGraph> {
  const viewers: SmallGraph['viewers'] = []
  const sessions: SmallGraph['sessions'] = new Map()
  const titles: SmallGraph['titles'] = new Map()
  const closers: (() => Promise<void>)[] = []

  async function service(
    name: string,
    sdl: string,
    resolvers: Resolvers,
    routes?: (app: FastifyInstance) => void,
  ) {
    const schemaFolder = await mkdtemp(join(tmpdir(), `freshet-${name}-`))
    await writeFile(join(schemaFolder, `${name}.graphql`), LINK + sdl)
    const subgraph = await createSubgraph({
      name,
      schema: pathToFileURL(schemaFolder),
      resolvers,
      context: ({ viewer }) => ({ viewer }),
      database: null,
      secret,
      logger: createLogger(name, { level: 'silent' }),
      checks: {},
      shutdown: { graceMs: 100 },
      ...(routes && { routes }),
    })
    const front = await startFaultFront(await subgraph.listen({ host: '127.0.0.1', port: 0 }))
    closers.push(async () => {
      await front.close()
      await subgraph.close()
      await rm(schemaFolder, { recursive: true })
    })
    return { front, schemaFolder }
  }

  const users = await service('users', USERS, usersResolvers(viewers), (app) => {
    app.post('/internal/sessions/introspect', async (request) => {
      const viewer = sessions.get((request.body as { token: string }).token)
      return viewer === undefined ? { active: false } : { active: true, viewer }
    })
  })
  const catalog = await service('catalog', CATALOG, catalogResolvers(titles))
  const analytics = await service('analytics', ANALYTICS, analyticsResolvers)
  const close = async () => {
    await Promise.all(closers.map((closer) => closer()))
  }
  return { users, catalog, analytics, viewers, sessions, titles, close }
}

const USERS = `
type Query { me: User }
type User @key(fields: "id") { id: ID! name: String! }
`
const usersResolvers = (viewers: (Viewer | null)[]): Resolvers => ({
  Query: {
    me(_root: unknown, _args: unknown, context: { viewer: () => Viewer | null }) {
      const viewer = context.viewer()
      viewers.push(viewer)
      return viewer && { id: viewer.id, name: `User ${viewer.id}` }
    },
  },
  User: { __resolveReference: ({ id }: { id: string }) => ({ id, name: `User ${id}` }) },
})

const CATALOG = `
type Query {
  product(id: ID!): Product
  products(first: Int = 2, sort: Sort, filter: Filter, since: DateTime): [Product!]
  fails(how: String!): String
  slow(ms: Int!): Int
}
type Mutation { setPrice(input: PriceInput!): Product rename(id: ID!, title: String!): Product }
enum Sort { NEWEST OLDEST }
input Filter { minPrice: Int range: Range tags: [Int!] }
input Range { from: Int! to: Int }
input PriceInput { id: ID! amount: Int! }
type Product @key(fields: "id") { id: ID! title: String! seller: User parent: Product children: [Product!]! related(first: Int = 4): [Product!]! }
type User @key(fields: "id", resolvable: false) { id: ID! }
`
const catalogResolvers = (titles: Map<string, string>): Resolvers => {
  const product = (id: string) => ({
    id,
    title: titles.get(id) ?? `Product ${id}`,
    seller: { id: '7' },
    parent: null,
    children: [],
    related: [],
  })
  return {
    Query: {
      product: (_root: unknown, { id }: { id: string }) => product(id),
      products: (_root: unknown, { first }: { first: number }) =>
        Array.from({ length: first }, (_, index) => product(String(index + 1))),
      fails(_root: unknown, { how }: { how: string }) {
        if (how === 'input') throw badUserInput('how', 'how must be something else')
        if (how === 'forbidden') throw forbidden()
        throw new Error('password of the database: hunter2')
      },
      slow: (_root: unknown, { ms }: { ms: number }) => new Promise((done) => setTimeout(() => done(ms), ms)),
    },
    Mutation: {
      setPrice: (_root: unknown, { input }: { input: { id: string } }) => product(input.id),
      rename(_root: unknown, { id, title }: { id: string; title: string }) {
        titles.set(id, title)
        return product(id)
      },
    },
    Product: { __resolveReference: ({ id }: { id: string }) => product(id) },
  }
}

const ANALYTICS = `
type Query { views: Int trending: [Trend!] }
type Trend { rank: Int! product: Product }
type Product @key(fields: "id") { id: ID! stats(window: String): Stats trendRank: Int }
type Stats { views: Int! }
`
const analyticsResolvers: Resolvers = {
  Query: { views: () => 42, trending: () => [{ rank: 1, product: { id: '1' } }] },
  Product: {
    __resolveReference: ({ id }: { id: string }) => ({ id }),
    stats: ({ id }: { id: string }, { window }: { window?: string | null }) => ({
      views: Number(id) * (window === 'year' ? 100 : 10),
    }),
    trendRank: () => 3,
  },
}

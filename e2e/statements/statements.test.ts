import { randomUUID } from 'node:crypto'
import { readdirSync } from 'node:fs'
import { startSystem } from '@freshet/cli'
import { audit, isAtLeast } from '@freshet/db-audit'
import { type OtlpReceiver, startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'
import { eventually, parts, withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClientTrace } from '../one-trace/trace.ts'
import { type AskOptions, ask as askAt, patience, productId, signIn, userId } from '../supergraph.ts'

/** Its own system: what others have cached, or invalidate, must not count here. */
let system: Awaited<ReturnType<typeof startSystem>>
let receiver: OtlpReceiver

beforeAll(async () => {
  receiver = await startOtlpReceiver()
  system = await startSystem({
    postgresAdminUrl: parts().postgresAdminUrl,
    env: {
      ...patience,
      CACHE_ENABLED: 'false',
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_BSP_SCHEDULE_DELAY: '100',
    },
  })
  await forgetStatements()
})
afterAll(async () => {
  await system?.close()
  await receiver?.close()
})

/** What the migrations have sent is nobody's operation. */
const forgetStatements = () =>
  withClient(system.adminUrl, (admin) =>
    admin.query(`select extensions.pg_stat_statements_reset(0, oid, 0)
      from pg_database where datname = current_database()`),
  )

/** What the services have sent since then, each text once: that of the first to come. */
const sentStatements = () =>
  withClient(system.adminUrl, async (admin) => {
    const { rows } = await admin.query<{ query: string }>(
      `select query from extensions.pg_stat_statements
       where toplevel and dbid = (select oid from pg_database where datname = current_database())
         and userid::regrole::text = any($1)`,
      [['catalog', 'users', 'analytics']],
    )
    return rows.map(({ query }) => query)
  })

const ask = (variables: Record<string, unknown>, headers = {}) =>
  askAt('ProductList', variables, { gatewayUrl: system.gatewayUrl, headers })

/** How many SQL statements one query costs, over all services, counted in its trace. */
async function count(variables: Record<string, unknown>): Promise<number> {
  const client = createClientTrace(receiver.trace)
  const { errors, data } = await ask(variables, client.headers)
  expect(errors).toBeUndefined()
  expect(data.products.nodes).toHaveLength(Number(variables.first))
  const spans = await client.waitFor((arrived) => {
    expect(new Set(arrived.map((span) => span.service))).toEqual(
      new Set(['gateway', 'catalog', 'users', 'analytics']),
    )
    // A process sends its spans in the order in which they end, and a request's own ends last. So all is there once the
    // gateway's is, and that of every subgraph that the gateway has called.
    const answered = new Set(
      arrived.filter(({ kind }) => kind === 'server').map(({ parentSpanId }) => parentSpanId),
    )
    expect(answered).toContain(client.spanId)
    const calls = arrived.filter(({ service, kind }) => service === 'gateway' && kind === 'client')
    expect(calls.filter(({ spanId, scope }) => /undici/.test(scope) && !answered.has(spanId))).toEqual([])
    expect(calls.length).toBeGreaterThan(2)
  })
  return spans.filter(
    ({ scope, name }) => scope.endsWith('instrumentation-pg') && name.startsWith('pg.query'),
  ).length
}

test('a page of 50 products with sellers, categories, prices and statistics costs as many statements as one of 5', async () => {
  const few = await count({ first: 5, sort: 'NEWEST' })
  // At least one statement each for products, sellers, categories, statistics and wishes.
  expect(few).toBeGreaterThanOrEqual(5)
  expect(await count({ first: 50, sort: 'NEWEST' })).toBe(few)
})

test("each statement of a request names its operation, the field that asked, and the request's trace", async () => {
  await forgetStatements()
  const client = createClientTrace(receiver.trace)
  const { gatewayUrl } = system
  await askAt('ProductPage', { id: productId(31) }, { gatewayUrl, headers: client.headers })
  const statements = (await sentStatements()).filter((statement) => statement.includes("'ProductPage'"))
  // At least the product and its brand, variants, related ones, statistics, and its seller.
  expect(statements.length).toBeGreaterThanOrEqual(5)
  const comment = new RegExp(
    ` /\\*field='\\w+\\.\\w+',operation='ProductPage',service='\\w+',traceparent='00-${client.traceId}-[0-9a-f]{16}-01'\\*/$`,
  )
  expect(statements.filter((statement) => !comment.test(statement))).toEqual([])
})

/** Of each operation, one that does what it is for; `round` makes each time another. */
const operations: Record<string, (round: number) => [variables: object, account?: string]> = {
  AddToWishlist: (round) => [{ input: { productId: productId(100 + round) } }, 'demo'],
  CategoryListing: () => [{ slug: 'furniture', first: 24, filter: { inStock: true } }],
  Dashboard: () => [{ sellerId: userId(2), days: 30 }, 'seller'],
  HomePage: () => [{}, 'demo'],
  Me: () => [{}, 'demo'],
  ProductList: (round) => [{ first: 24, filter: { search: ['classic', 'clasic'][round % 2] } }],
  ProductPage: (round) => [{ id: productId(round + 1) }],
  SetPrice: (round) => [
    { input: { productId: productId(31), price: { amount: 1_000 + round, currency: currencyOf31 } } },
    'admin',
  ],
  SignIn: () => [{ input: { email: 'demo@freshet.example', password: 'freshet-demo-1' } }],
  SignOut: () => [{}, 'once'],
  SignUp: (round) => [
    {
      input: {
        email: `audited-${round}@example.com`,
        handle: `audited-${round}`,
        password: 'long enough for that',
        displayName: 'A',
      },
    },
  ],
  Track: (round) => [
    {
      input: {
        events: ['VIEW', 'CART_ADD', 'PURCHASE'].map((kind) => ({
          id: randomUUID(),
          kind,
          productId: productId(round + 1),
        })),
      },
    },
    'demo',
  ],
  UpdateProduct: (round) => [{ input: { id: productId(32), title: `Title ${round}` } }, 'admin'],
}
let currencyOf31: string

/** From where on the audit takes a statement for a regular one, and one more. */
const ROUNDS = 6

test('after every operation, an audit of the database finds nothing that is wrong', async () => {
  const files = readdirSync(new URL('../operations/', import.meta.url))
  expect(Object.keys(operations).map((name) => `${name}.graphql`)).toEqual(files.toSorted())
  const { gatewayUrl } = system
  const send = async (name: string, variables: object, options: AskOptions = {}) => {
    const { data, errors } = await askAt(name, { ...variables }, { gatewayUrl, ...options })
    expect([name, errors]).toEqual([name, undefined])
    const results = Object.values<{ userErrors?: unknown[] } | null>(data)
    expect([name, results.flatMap((result) => result?.userErrors ?? [])]).toEqual([name, []])
    return data
  }
  currencyOf31 = (await send('ProductPage', { id: productId(31) })).product.price.currency
  const tokens = new Map<string, string>()
  for (const account of ['demo', 'seller', 'admin'])
    tokens.set(account, await signIn(account, { gatewayUrl }))
  for (let round = 0; round < ROUNDS; round++) {
    tokens.set('once', await signIn('demo', { gatewayUrl }))
    for (const [name, of] of Object.entries(operations)) {
      const [variables, account = ''] = of(round)
      await send(name, variables, { token: tokens.get(account) })
    }
  }
  // Who waits for whom at the moment of a look is no matter; what the statistics tell stays.
  await eventually(async () => {
    const report = await audit({ url: system.adminUrl })
    // How long something took says more about the machine.
    const wrong = report.findings.filter(
      ({ id, severity }) => id !== 'statement.slow' && isAtLeast(severity, 'warning'),
    )
    expect(wrong).toEqual([])
    expect(report.notExplained).toEqual([])
  })
})

test('with the caches on, the same page again costs none', async () => {
  for (const name of ['users', 'catalog', 'analytics']) {
    await system.services[name]?.restart({ CACHE_ENABLED: 'true' })
  }
  // What the operations before have told may arrive until now and end something, and a Redis that does not answer at once is
  // not waited for.
  await eventually(
    async () => {
      await ask({ first: 50, sort: 'NEWEST' })
      expect(await count({ first: 50, sort: 'NEWEST' })).toBe(0)
    },
    { timeoutMs: 120_000 },
  )
})

test('no statement of a service is without its name and what it is for, neither of its start nor of its consumers', async () => {
  await eventually(async () => {
    const statements = await sentStatements()
    const comment = / \/\*(?:field='[^']+',)?operation='([^']+)',service='\w+'(?:,traceparent='[\w-]+')?\*\/$/
    expect(statements.filter((statement) => !comment.test(statement))).toEqual([])
    const purposes = new Set(statements.map((statement) => decodeURIComponent(comment.exec(statement)![1]!)))
    expect([...purposes]).toEqual(
      expect.arrayContaining([
        'publish events',
        expect.stringMatching(/^consume users-/),
        expect.stringMatching(/^consume analytics-/),
        'refresh trending',
      ]),
    )
  })
})

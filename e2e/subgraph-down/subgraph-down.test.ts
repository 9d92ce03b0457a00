import { startSystem } from '@freshet/cli'
import { type OtlpReceiver, type ReceivedSpan, startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'
import { eventually, parts } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createClientTrace } from '../one-trace/trace.ts'
import { ask as askAt, patience, productId } from '../supergraph.ts'

/** Its own system: this scenario stops services. */
let system: Awaited<ReturnType<typeof startSystem>>
let receiver: OtlpReceiver
const ask: typeof askAt = (operation, variables, options) =>
  askAt(operation, variables, { gatewayUrl: system.gatewayUrl, ...options })

beforeAll(async () => {
  // What the gateway keeps it answers without the service (gateway/test/response-cache): this is about what it can't.
  const serviceEnv = { gateway: { CACHE_ENABLED: 'false' } }
  receiver = await startOtlpReceiver()
  const env = { ...patience, OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url, OTEL_BSP_SCHEDULE_DELAY: '100' }
  system = await startSystem({ postgresAdminUrl: parts().postgresAdminUrl, env, serviceEnv })
})
afterAll(async () => {
  await system?.close()
  await receiver?.close()
})

const variables = { id: productId(1) }

/** A page with no more than the kind of what the clock alone may change: the end of an hour moves ranks, that of a day the views of a week. */
// biome-ignore lint/suspicious/noExplicitAny: a scenario reads the answer that it asked for
function timeless({ product }: { product: any }): any {
  const { trendRank, stats } = product
  return {
    ...product,
    trendRank: trendRank === null ? null : typeof trendRank,
    stats: stats === null ? null : { ...stats, viewsLast7Days: typeof stats.viewsLast7Days },
  }
}

/** Which fetch failed, of which service, and why. */
function expectFailedFetches(spans: readonly ReceivedSpan[], service: string): void {
  const of = (name: string) => spans.filter((span) => span.service === 'gateway' && span.name === name)
  const failed = of('gateway.fetch').filter((span) => span.status.code === 'error')
  expect(failed.length).toBeGreaterThan(0)
  for (const { attributes } of failed)
    expect(attributes).toMatchObject({ 'peer.service': service, 'error.type': 'SUBGRAPH_UNAVAILABLE' })
  expect(of('POST /graphql')[0]?.attributes).toMatchObject({
    'graphql.operation.name': 'ProductPage',
    'graphql.operation.type': 'query',
    'freshet.answer': 'miss',
    'freshet.errors': expect.arrayContaining([`SUBGRAPH_UNAVAILABLE ${service}`]),
  })
}

test.each([
  ['analytics', ['stats', 'trendRank']],
  ['users', ['wishlistedByCount']],
])(
  'with %s stopped, its fields are null under an error that names it, and all else is intact',
  async (service, lost) => {
    const whole = await ask('ProductPage', variables)
    expect(whole.errors).toBeUndefined()
    await system.services[service]?.stop()

    const client = createClientTrace((traceId) => receiver.trace(traceId))
    const { status, data, errors } = await ask('ProductPage', variables, { headers: client.headers })
    expect(status).toBe(200)
    await client.waitFor((spans) => expectFailedFetches(spans, service))
    for (const error of errors ?? []) {
      expect(error.extensions).toMatchObject({ service })
      expect(['SUBGRAPH_UNAVAILABLE', 'SUBGRAPH_TIMEOUT']).toContain(error.extensions.code)
      expect(error.message).toContain(service)
      expect(error.path?.[0]).toBe('product')
    }
    expect(errors?.length).toBeGreaterThan(0)
    for (const field of lost) expect(data.product[field]).toBeNull()
    const { seller, ...intact } = timeless(data)
    const { seller: wholeSeller, ...wholeIntact } = timeless(whole.data)
    for (const field of lost) {
      delete intact[field]
      delete wholeIntact[field]
    }
    expect(intact).toEqual(wholeIntact)
    expect(seller?.id ?? wholeSeller.id).toBe(wholeSeller.id)

    // The gateway stays ready, and recovers by itself.
    expect((await fetch(`${system.gatewayUrl}/readyz`)).status).toBe(200)
    await system.services[service]?.start()
    await eventually(async () => {
      const again = await ask('ProductPage', variables)
      expect(again.errors).toBeUndefined()
      expect(timeless(again.data)).toEqual(timeless(whole.data))
    })
  },
)

test('with catalog stopped, what others own is still answered', async () => {
  await system.services.catalog?.stop()
  const { data, errors } = await ask(
    '{ me { id } user(id: "VXNlcjox") { handle } product(id: "UHJvZHVjdDox") { id } }',
  )
  expect(data).toEqual({ me: null, user: { handle: 'demo' }, product: null })
  expect(errors).toEqual([
    expect.objectContaining({ extensions: expect.objectContaining({ service: 'catalog' }) }),
  ])
  await system.services.catalog?.start()
})

test('a session whose service is away is not taken for a valid one, and the rest is answered', async () => {
  const signed = await ask('SignIn', {
    input: { email: 'admin@freshet.example', password: 'freshet-demo-1' },
  })
  const { token } = signed.data.signIn
  await eventually(async () => {
    expect((await ask('ProductPage', variables)).errors).toBeUndefined()
  })
  await system.services.users?.stop()
  const read = await ask('{ product(id: "UHJvZHVjdDox") { title } }', {}, { token })
  expect(read.data.product.title).toEqual(expect.any(String))
  expect(read.errors?.map((error) => error.extensions.code)).toContain('SESSION_UNVERIFIED')
  const written = await ask(
    'SetPrice',
    { input: { productId: productId(1), price: { amount: 1, currency: 'USD' } } },
    { token },
  )
  expect(written.data?.setPrice ?? null).toBeNull()
  await system.services.users?.start()
})

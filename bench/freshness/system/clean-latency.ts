import { setTimeout as sleep } from 'node:timers/promises'
import type { Doors, ShakySystem, Shop } from '@freshet/e2e/freshness'
import { signCall } from '@freshet/http'

/** Options of {@link measureCleanLatency}. */
export interface CleanLatencyOptions {
  readonly system: ShakySystem
  readonly doors: Doors
  readonly shop: Shop
  readonly rounds: number
  readonly signal: AbortSignal
}

/** From a COMMIT until every gateway answers every shape with it, in ms. */
export interface CleanLatency {
  readonly rounds: number
  readonly p50Ms: number
  readonly p99Ms: number
  readonly worstMs: number
  /** Rounds in which something was still old after 10 s. */
  readonly never: number
}

/** The two ends of what can be cached: one entity, and a list of others. */
const SHAPES = ['product', 'listing']
const GIVE_UP_MS = 10_000
/** The resolution of what is measured; asking more often would only measure the asking. */
const POLL_MS = 4
const setPrice = `mutation ($input: SetPriceInput!) {
  setPrice(input: $input) { product { version updatedAt } userErrors { code } }
}`

/**
 * How long the event path takes. The writes go to catalog itself, as the gateway would sign them, so no gateway hears of them but
 * by events: the writer's shortcut is off. A COMMIT's time is the row's `updatedAt`, taken just before it, on the same machine.
 */
export async function measureCleanLatency(options: CleanLatencyOptions): Promise<CleanLatency> {
  const { doors, shop, rounds, signal } = options
  const shapes = shop.shapes.filter(({ name }) => SHAPES.includes(name))
  const latencies: number[] = []
  let never = 0
  for (let round = 0; round < rounds && !signal.aborted; round++) {
    const key = shop.keys[round % shop.keys.length]!
    const places = doors.urls.flatMap((door) => shapes.map((shape) => ({ door, shape })))
    const versionAt = async ({ door, shape }: (typeof places)[number]) => {
      const { observations } = await shape.read(door, key)
      return observations.find((one) => one.key === key)?.version ?? 0
    }
    // Twice: what the first stores, the second is served.
    for (let time = 0; time < 2; time++) await Promise.all(places.map(versionAt))
    const { version, committedMs } = await writePastTheGateway(options, key, 1_900_000_000 + round)
    const cleanMs = await Promise.all(
      places.map(async (place) => {
        for (;;) {
          if ((await versionAt(place)) >= version) return Date.now()
          if (Date.now() - committedMs > GIVE_UP_MS) return Number.POSITIVE_INFINITY
          await sleep(POLL_MS)
        }
      }),
    )
    const latency = Math.max(...cleanMs) - committedMs
    if (Number.isFinite(latency)) latencies.push(latency)
    else never++
  }
  latencies.sort((a, b) => a - b)
  const at = (share: number) =>
    latencies[Math.min(latencies.length - 1, Math.floor(latencies.length * share))] ?? 0
  return { rounds: latencies.length + never, p50Ms: at(0.5), p99Ms: at(0.99), worstMs: at(1), never }
}

async function writePastTheGateway({ system, shop }: CleanLatencyOptions, key: string, amount: number) {
  const productId = Buffer.from(`Product:${key}`).toString('base64url')
  const price = { amount, currency: shop.currencyOf(key) }
  const body = JSON.stringify({ query: setPrice, variables: { input: { productId, price } } })
  const viewer = { id: '1', roles: ['ADMIN' as const], sessionId: 'bench' }
  const response = await fetch(`${system.services.catalog!.url}/graphql`, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      ...signCall({ secret: system.subgraphSecret, body, viewer }),
    },
    body,
  })
  const answer = (await response.json()) as {
    data?: { setPrice?: { product: { version: number; updatedAt: string } | null } }
  }
  const product = answer.data?.setPrice?.product
  if (product == null) throw new Error(`catalog did not take the price: ${JSON.stringify(answer)}`)
  return { version: product.version, committedMs: Date.parse(product.updatedAt) }
}

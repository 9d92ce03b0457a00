import { once } from 'node:events'
import { createRandom } from '@freshet/seed'
import { Pool } from 'undici'
import { hitOf, isAnswer } from './answers.ts'
import { poissonArrivals } from './arrivals.ts'
import type { Endpoint } from './endpoints.ts'
import { PATIENCE_MS } from './latencies.ts'
import { runOpenLoop } from './open-loop.ts'
import { type Cursors, createRequests } from './requests.ts'
import type { Shop } from './shop.ts'

/** Sent first: what all runs ask for. */
export interface LoadSettings {
  readonly shop: Shop
}

/** One run's order. */
export interface LoadOrder {
  readonly url: string
  readonly cursors: Cursors
  /** Equal seeds make equal requests at equal moments. */
  readonly seed: number
  readonly ratePerSecond: number
  readonly seconds: number
}

/** What became of one request. */
export interface Sample {
  readonly endpoint: Endpoint
  readonly latencyMs: number
  readonly ok: boolean
  /** Whether the whole answer came from a cache; null where nobody says. */
  readonly hit: boolean | null
}

/** What this process tells: the samples of a run. */
export interface LoadResult {
  readonly samples: Sample[]
  /** Of this process, while it ran: on two cores it is a part of the load. */
  readonly cpuMs: number
}

const MOST_OUTSTANDING = 256

/** A process of its own, so that what is measured and who measures don't share an event loop. */
const [{ shop }] = (await once(process, 'message')) as [LoadSettings]
process.on('message', (order: LoadOrder) => {
  void run(order).then((result) => process.send?.(result))
})
process.send?.('ready')
process.once('disconnect', () => process.exit())
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

async function run({ url, cursors, seed, ratePerSecond, seconds }: LoadOrder): Promise<LoadResult> {
  const arrivals = poissonArrivals(ratePerSecond, seconds, createRandom(seed, 'arrivals'))
  const draw = createRequests(shop, cursors, createRandom(seed, 'requests'))
  const requests = arrivals.map(() => draw())
  const hits: (boolean | null)[] = []
  const pool = new Pool(url, { connections: MOST_OUTSTANDING })
  const began = process.cpuUsage()

  async function send(index: number): Promise<boolean> {
    const { body, token } = requests[index]!
    const {
      statusCode,
      headers,
      body: stream,
    } = await pool.request({
      method: 'POST',
      path: '/graphql',
      headers: {
        'content-type': 'application/json',
        ...(token !== null && { authorization: `Bearer ${token}` }),
      },
      body,
      signal: AbortSignal.timeout(PATIENCE_MS),
    })
    const text = await stream.text()
    hits[index] = hitOf(headers['cache-status'])
    return statusCode === 200 && isAnswer(text)
  }

  try {
    const outcomes = await runOpenLoop({ arrivals, send, mostOutstanding: MOST_OUTSTANDING })
    const { user, system } = process.cpuUsage(began)
    return {
      samples: outcomes.map(({ index, latencyMs, ok }) => ({
        endpoint: requests[index]!.endpoint,
        latencyMs,
        ok,
        hit: hits[index] ?? null,
      })),
      cpuMs: (user + system) / 1_000,
    }
  } finally {
    await pool.destroy()
  }
}

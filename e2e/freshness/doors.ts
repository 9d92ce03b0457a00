import { Pool } from 'undici'

/** An answer of a gateway, as a client sees it. */
export interface DoorAnswer {
  // biome-ignore lint/suspicious/noExplicitAny: whoever asked knows what for
  readonly data: any
  readonly errors?: readonly { message: string; extensions?: { code?: string } }[]
  readonly cacheStatus: string | null
  /** Of a write: Redis has not acknowledged yet what it replaced. */
  readonly isLate: boolean
}

/** Asks gateways; undici's pool, because the checker's own share of two cores must be small. */
export interface Doors {
  readonly urls: readonly string[]
  /** @throws when there is no GraphQL answer */
  ask(url: string, body: string, token?: string): Promise<DoorAnswer>
  close(): Promise<void>
}

/** @param connections to each gateway */
export function openDoors(urls: readonly string[], { connections = 16, timeoutMs = 10_000 } = {}): Doors {
  const pools = new Map(
    urls.map((url) => [
      url,
      new Pool(url, { connections, headersTimeout: timeoutMs, bodyTimeout: timeoutMs }),
    ]),
  )
  return {
    urls,
    async ask(url, body, token) {
      const {
        statusCode,
        headers,
        body: stream,
      } = await pools.get(url)!.request({
        method: 'POST',
        path: '/graphql',
        headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
        body,
      })
      const text = await stream.text()
      const status = headers['cache-status']
      const answer = parse(text)
      if (answer === null) throw new Error(`HTTP ${statusCode}: ${text.slice(0, 200)}`)
      const cacheStatus = Array.isArray(status) ? status.join(', ') : (status ?? null)
      return { ...answer, cacheStatus, isLate: headers['freshet-invalidation'] === 'late' }
    },
    async close() {
      await Promise.all([...pools.values()].map((pool) => pool.destroy()))
    },
  }
}

function parse(text: string): Pick<DoorAnswer, 'data' | 'errors'> | null {
  try {
    const { data = null, errors } = JSON.parse(text)
    return data === null && errors === undefined ? null : { data, errors }
  } catch {
    return null
  }
}

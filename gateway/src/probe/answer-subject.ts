import type { CloudEvent } from '@freshet/events'
import { traceOf } from './fence-subjects.ts'
import type { Subject } from './subject.ts'

const QUERY = 'query FreshnessProbe($id: ID!) { product(id: $id) { version } }'
const TIMEOUT_MS = 5_000

interface Answer {
  readonly data?: { readonly product: { readonly version: number } | null } | null
  readonly errors?: readonly { readonly message: string }[]
}

/** What a client is answered at one door of the gateway, with every cache in between. */
export function answerSubject(
  door: string,
  event: CloudEvent<{ productId: string; version: number }>,
): Subject {
  const { productId, version } = event.data
  const body = JSON.stringify({
    query: QUERY,
    variables: { id: Buffer.from(`Product:${productId}`).toString('base64url') },
  })
  return {
    level: 'answer',
    service: 'catalog',
    tags: [`product:${productId}`],
    about: { door, version, event: event.id, ...traceOf(event) },
    async look() {
      const response = await fetch(`${door}/graphql`, {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body,
        signal: AbortSignal.timeout(TIMEOUT_MS),
      })
      const { data, errors } = (await response.json()) as Answer
      if (data === undefined || data === null || errors !== undefined)
        throw new Error(`${door} answered ${response.status}: ${errors?.[0]?.message ?? 'no data'}`)
      // No product is what was there before it was made: products are never deleted.
      const answered = data.product?.version ?? 0
      const found = {
        answered,
        cacheStatus: response.headers.get('cache-status'),
        answerTraceId: response.headers.get('x-trace-id'),
      }
      if (answered < version) return { outcome: 'stale', found }
      return { outcome: 'clean', stalenessMs: Math.max(0, Date.now() - Date.parse(event.time)), found }
    },
  }
}

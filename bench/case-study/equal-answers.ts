import { setTimeout as sleep } from 'node:timers/promises'
import { isDeepStrictEqual } from 'node:util'
import { createRandom } from '@freshet/seed'
import { type Answer, ask } from './ask.ts'
import { ENDPOINTS, type Endpoint, TRAITS } from './workload/endpoints.ts'
import { type Cursors, createRequests, type Request } from './workload/requests.ts'
import type { Shop } from './workload/shop.ts'

/** A request to each side: the same but for the cursors. */
export interface Pair {
  readonly twin: Request
  readonly freshet: Request
}

/**
 * Equal once Freshet has heard of all that happened. What it counts behind the scenes takes a moment, and a list that took a
 * second or more to recompute, on a machine that was busy, is recomputed half a minute later.
 */
const DEADLINE_MS = 180_000

/** What is compared: drawn as the load is drawn, in the same order for both sides. */
export function drawPairs(
  shop: Shop,
  cursors: { twin: Cursors; freshet: Cursors },
): { reads: Pair[]; writes: Request[] } {
  const isWrite = (endpoint: Endpoint) => TRAITS[endpoint].kind === 'write'
  const drawTwin = createRequests(shop, cursors.twin, createRandom(7, 'compared'))
  const drawFreshet = createRequests(shop, cursors.freshet, createRandom(7, 'compared'))
  const reads = ENDPOINTS.filter((endpoint) => !isWrite(endpoint)).flatMap((endpoint) =>
    Array.from({ length: TRAITS[endpoint].compared }, () => ({
      twin: drawTwin(endpoint),
      freshet: drawFreshet(endpoint),
    })),
  )
  return { reads, writes: ENDPOINTS.filter(isWrite).flatMap((endpoint) => drawWrites(shop, endpoint)) }
}

/**
 * Each of another product, so that one that is sent again finds what it has made, and changes nothing more. From a stream of
 * their own: what is read does not shift them. Both sides get the same ones, ids included: an event's id is its client's.
 */
function drawWrites(shop: Shop, endpoint: Endpoint): Request[] {
  const draw = createRequests(shop, {}, createRandom(7, `compared ${endpoint}`))
  const byProduct = new Map<string, Request>()
  const count = Math.min(TRAITS[endpoint].compared, shop.products.length)
  while (byProduct.size < count) {
    const write = draw(endpoint)
    byProduct.set(productOf(write), write)
  }
  return [...byProduct.values()]
}

/** The one whose id stands in it. */
const productOf = ({ body }: Request): string => /UHJvZHVjdD[\w-]+/.exec(body)![0]

/**
 * Compares the answers of two sides, one pair after the other.
 *
 * @param twinAnswers what the twin has answered: asked once, used for every other side
 * @throws Error with both answers when they differ for longer than it takes to count what was tracked
 */
export async function compareReads(
  urls: { twin: string; other: string },
  pairs: readonly Pair[],
  options: {
    otherIsFreshet: boolean
    twinAnswers: Map<Request, Answer>
    isAfterWrites?: boolean
    /** Default: {@link DEADLINE_MS}. */
    deadlineMs?: number
  },
): Promise<void> {
  const { otherIsFreshet, twinAnswers, isAfterWrites = false, deadlineMs = DEADLINE_MS } = options
  for (const { twin, freshet } of pairs) {
    const other = otherIsFreshet ? freshet : twin
    const deadline = Date.now() + deadlineMs
    for (;;) {
      const expected = twinAnswers.get(twin) ?? (await ask(urls.twin, twin.body, twin.token))
      // The second one may come from a cache: it must be the same.
      const answers = [
        await ask(urls.other, other.body, other.token),
        await ask(urls.other, other.body, other.token),
      ]
      if (answers.every((answer) => isEqual(expected, answer, isAfterWrites))) {
        twinAnswers.set(twin, expected)
        break
      }
      if (Date.now() > deadline) throw differs(twin, expected, answers[1]!)
      // Both are asked again: an hour may have ended in between, and with it a window of time.
      twinAnswers.delete(twin)
      await sleep(500)
    }
  }
}

/**
 * Writes the same on both sides, then compares the pages of what was changed. The twin is sent them again for every other
 * database: see {@link drawPairs} for why that changes nothing more there.
 */
export async function compareWrites(
  urls: { twin: string; other: string },
  writes: readonly Request[],
  pageOf: (productId: string) => Request,
): Promise<void> {
  const changed = new Set<string>()
  for (const write of writes) {
    const [expected, answer] = [
      await ask(urls.twin, write.body, write.token),
      await ask(urls.other, write.body, write.token),
    ]
    if (!isEqual(expected, answer, true)) throw differs(write, expected, answer)
    changed.add(productOf(write))
  }
  const pages = [...changed].map(pageOf).map((request) => ({ twin: request, freshet: request }))
  await compareReads(urls, pages, { otherIsFreshet: true, twinAnswers: new Map(), isAfterWrites: true })
}

/** Cursors are each side's own; so is, after a write, the moment of it. */
function isEqual(a: Answer, b: Answer, isAfterWrites: boolean): boolean {
  const comparable = (answer: Answer) =>
    JSON.parse(JSON.stringify(answer.data), (name, value) => {
      if (name.endsWith('Cursor')) return value !== null
      return isAfterWrites && name === 'updatedAt' ? undefined : value
    })
  return isDeepStrictEqual(comparable(a), comparable(b))
}

function differs({ endpoint, variables }: Request, twin: Answer, other: Answer): Error {
  return new Error(
    `The sides answer ${endpoint} ${JSON.stringify(variables)} differently:\n${JSON.stringify(twin)}\n${JSON.stringify(other)}`,
  )
}

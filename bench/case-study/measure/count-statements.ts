import { createRandom } from '@freshet/seed'
import { ask } from '../ask.ts'
import type { Side } from '../stage.ts'
import { ENDPOINTS, type Endpoint } from '../workload/endpoints.ts'
import { type Cursors, createRequests } from '../workload/requests.ts'
import type { Shop } from '../workload/shop.ts'
import { isBackground } from './background.ts'
import type { StatementCounts } from './statements.ts'

/** Of requests that a cache answers there must be many, or none of them costs anything. */
const MOST_REQUESTS = 200
const LONGEST_MS = 4_000

/** How many statements one request of each endpoint costs: requests as the load draws them, one after the other, alone. */
export async function countStatements(
  statements: StatementCounts,
  side: Side,
  shop: Shop,
  cursors: Cursors,
): Promise<Record<Endpoint, number>> {
  const draw = createRequests(shop, cursors, createRandom(11, 'counted'))
  const counts = {} as Record<Endpoint, number>
  for (const endpoint of ENDPOINTS) {
    await statements.reset(side.database)
    const untilMs = performance.now() + LONGEST_MS
    let requests = 0
    for (; requests < MOST_REQUESTS && (requests < 3 || performance.now() < untilMs); requests++) {
      const { body, token } = draw(endpoint)
      await ask(side.url, body, token)
    }
    const counted = await statements.read(side.database)
    counts[endpoint] =
      counted.filter(({ sql }) => !isBackground(sql)).reduce((sum, { calls }) => sum + calls, 0) / requests
  }
  return counts
}

import { cachedLoader } from '@freshet/subgraph'
import type { RequestDay } from '../request-day.ts'
import { type DashboardCache, dashboardKey } from './dashboard.cache.ts'
import type { DashboardRepository, DashboardRequest } from './dashboard.repository.ts'

/** One set per request, of the request's day of UTC. */
export function createDashboardLoaders(
  repository: DashboardRepository,
  cache: DashboardCache,
  { today, outwardMaxAgeSeconds }: RequestDay,
) {
  return {
    bySeller: cachedLoader({
      entity: cache.dashboard,
      load: (requests: readonly DashboardRequest[]) => repository.findMany(requests, today),
      keyOf: ({ sellerId, days }) => dashboardKey(sellerId, days, today),
      outwardMaxAgeSeconds,
    }),
  }
}

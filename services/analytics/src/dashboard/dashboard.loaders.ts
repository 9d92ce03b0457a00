import DataLoader from 'dataloader'
import { type DashboardCache, dashboardKey } from './dashboard.cache.ts'
import type { DashboardRepository, DashboardRow } from './dashboard.repository.ts'

export interface DashboardRequest {
  sellerId: string
  days: number
}

/** One set per request. `today` is the request's day of UTC. */
export function createDashboardLoaders(
  repository: DashboardRepository,
  cache: DashboardCache,
  today: string,
) {
  return {
    bySeller: new DataLoader<DashboardRequest, DashboardRow | null, string>(
      (requests) => {
        const keyed = new Map(requests.map((one) => [dashboardKey(one.sellerId, one.days, today), one]))
        return cache.dashboard.getMany([...keyed.keys()], (missing) =>
          Promise.all(
            missing.map((key) => {
              const { sellerId, days } = keyed.get(key) as DashboardRequest
              return repository.find(sellerId, days, today)
            }),
          ),
        )
      },
      { cacheKeyFn: ({ sellerId, days }) => dashboardKey(sellerId, days, today) },
    ),
  }
}

import DataLoader from 'dataloader'
import { type DashboardCache, dashboardKey } from './dashboard.cache.ts'
import type { DashboardRepository, DashboardRequest, DashboardRow } from './dashboard.repository.ts'

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
        const load = (keys: readonly string[]) =>
          repository.findMany(
            keys.map((key) => keyed.get(key) as DashboardRequest),
            today,
          )
        return cache.dashboard.getMany([...keyed.keys()], load)
      },
      { cacheKeyFn: ({ sellerId, days }) => dashboardKey(sellerId, days, today) },
    ),
  }
}

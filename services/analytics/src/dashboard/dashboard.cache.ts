import type { Cache, CachePolicy } from '@freshet/cache'
import type { DashboardRow } from './dashboard.repository.ts'

export const dashboardTag = (sellerId: string) => `dashboard:${sellerId}`

/** The day is part of the key: at midnight the last N days are others, though nothing was written. */
export const dashboardKey = (sellerId: string, days: number, today: string) => `${sellerId}:${days}@${today}`

const policy: CachePolicy<DashboardRow> = {
  name: 'dashboard',
  version: 1,
  ttlSeconds: 3_600,
  negativeTtlSeconds: 0,
  jitter: 0.1,
  tags: (key) => [dashboardTag(key.slice(0, key.indexOf(':')))],
}

export type DashboardCache = ReturnType<typeof createDashboardCache>

export function createDashboardCache(cache: Cache) {
  return { dashboard: cache.define(policy) }
}

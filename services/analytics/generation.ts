import type { ServiceGeneration } from '@freshet/subgraph/codegen'

/** What `src/generated/` is made from: by generate.ts, and by the test that compares. */
export const generation: ServiceGeneration = {
  service: 'analytics',
  folder: new URL('./', import.meta.url),
  contextType: '../context.ts#Context',
  mappers: {
    Product: '../references.ts#ProductReferenceRow',
    Category: '../references.ts#CategoryReferenceRow',
    User: '../references.ts#UserReferenceRow',
    ProductStats: '../product-stats/product-stats.repository.ts#ProductStatsRow',
    CategoryStats: '../trending/trending.repository.ts#CategoryStatsRow',
    TrendingProduct: '../trending/trending.repository.ts#TrendingRow',
    RecentlyViewed: '../activity/recently-viewed.repository.ts#RecentlyViewedRow',
    Dashboard: '../dashboard/dashboard.repository.ts#DashboardRow',
    DashboardDay: '../dashboard/dashboard.repository.ts#DashboardDayRow',
    DashboardProduct: '../dashboard/dashboard.repository.ts#DashboardProductRow',
    Revenue: '../dashboard/dashboard.repository.ts#RevenueRow',
  },
}

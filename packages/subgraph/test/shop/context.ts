import type { Cache } from '@freshet/cache'
import type { Database } from '@freshet/database'
import type { Viewer } from '@freshet/http'
import { type ContextInput, cachedLoader, type Loader, trackedLoader, type Write } from '../../src/index.ts'
import type { DB } from './src/generated/db.ts'

export interface ProductRow {
  id: string
  name: string
  added_at: Date
}

/** What one request of the shop has. */
export interface ShopContext extends ContextInput {
  database: Database<DB>
  write: Write<DB>
  loaders: ShopLoaders
}

export interface ShopLoaders {
  products: Loader<string, ProductRow | null>
  /** Who owns which is told by the viewer's id: viewer 1 has product 1. */
  owned: Loader<string, boolean | null>
  sold: Loader<string, number | null>
  weather: Loader<string, string>
  guess: Loader<string, string>
}

export type ShopCache = ReturnType<typeof createShopCache>

export function createShopCache(cache: Cache) {
  const common = { version: 1, ttlSeconds: 60, negativeTtlSeconds: 60, jitter: 0 }
  return {
    product: cache.define<ProductRow>({ ...common, name: 'product', tags: (id) => [`product:${id}`] }),
    sold: cache.define<number>({ ...common, name: 'sold', tags: (id) => [`sold:${id}`] }),
  }
}

export function createShopLoaders(
  database: Database<DB>,
  cache: ShopCache,
  viewer: () => Viewer | null,
): ShopLoaders {
  const findProducts = async (ids: readonly string[]) => {
    const rows = await database.db.selectFrom('products').selectAll().where('id', 'in', ids).execute()
    // As a cache may do it.
    const byId = new Map(rows.map((row) => [row.id, Object.freeze(row)]))
    return ids.map((id) => byId.get(id) ?? null)
  }
  return {
    products: cachedLoader({ entity: cache.product, load: findProducts }),
    owned: trackedLoader({
      batch: async (ids) => ids.map((id) => viewer() && viewer()?.id === id),
      dependsOn: (id) => ({ tags: [`owned:${id}`] }),
      audience: 'private',
    }),
    sold: cachedLoader({
      entity: cache.sold,
      load: async (ids) => ids.map(Number),
      outwardMaxAgeSeconds: 5,
    }),
    weather: trackedLoader({ batch: async (ids) => ids.map(() => 'fine'), dependsOn: 'untold' }),
    guess: trackedLoader<string, string>({
      batch: async (ids) => ids.map(() => new Error('no idea')),
      dependsOn: () => ({ tags: ['guess'] }),
    }),
  }
}

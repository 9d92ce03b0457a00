import type { Database } from '@freshet/database'
import DataLoader from 'dataloader'
import type { ContextInput } from '../../src/index.ts'
import type { DB } from './src/generated/db.ts'

export interface ProductRow {
  id: string
  name: string
  added_at: Date
}

/** What one request of the shop has. */
export interface ShopContext extends ContextInput {
  database: Database<DB>
  products: DataLoader<string, ProductRow | null>
}

export function createShopContext(database: Database<DB>, input: ContextInput): ShopContext {
  const load = async (ids: readonly string[]) => {
    const rows = await database.db.selectFrom('products').selectAll().where('id', 'in', ids).execute()
    // As a cache may do it.
    const byId = new Map(rows.map((row) => [row.id, Object.freeze(row)]))
    return ids.map((id) => byId.get(id) ?? null)
  }
  return { ...input, database, products: new DataLoader(load) }
}

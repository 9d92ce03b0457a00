import { aligned } from '@freshet/database'
import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

export interface BrandRow {
  id: string
  name: string
  slug: string
}

export type BrandRepository = ReturnType<typeof createBrandRepository>

export function createBrandRepository(db: Kysely<DB>) {
  return {
    findByIds: async (ids: readonly string[]): Promise<(BrandRow | null)[]> => {
      const rows = await db
        .selectFrom('brands')
        .select(['id', 'name', 'slug'])
        .where('id', '=', sql<string>`any(${ids}::bigint[])`)
        .execute()
      return aligned(ids, rows, (row) => row.id)
    },
  }
}

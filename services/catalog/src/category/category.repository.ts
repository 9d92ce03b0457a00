import { aligned } from '@freshet/database'
import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

export interface CategoryRow {
  id: string
  parentId: string | null
  name: string
  slug: string
  path: string
  /** From the root down to this category itself. */
  pathIds: string[]
  depth: number
}

export type CategoryRepository = ReturnType<typeof createCategoryRepository>

const columns = [
  'id',
  'parent_id as parentId',
  'name',
  'slug',
  'path',
  'path_ids as pathIds',
  'depth',
] as const

export function createCategoryRepository(db: Kysely<DB>) {
  return {
    findByIds: async (ids: readonly string[]): Promise<(CategoryRow | null)[]> => {
      const rows = await db
        .selectFrom('categories')
        .select(columns)
        .where('id', '=', sql<string>`any(${ids}::bigint[])`)
        .execute()
      return aligned(ids, rows, (row) => row.id)
    },

    findIdsBySlugs: async (slugs: readonly string[]): Promise<(string | null)[]> => {
      const rows = await db
        .selectFrom('categories')
        .select(['id', 'slug'])
        .where('slug', '=', sql<string>`any(${slugs}::text[])`)
        .execute()
      return aligned(slugs, rows, (row) => row.slug).map((row) => row?.id ?? null)
    },

    /** The children of each of these categories, by name. */
    findChildIds: async (parentIds: readonly string[]): Promise<string[][]> => {
      const rows = await db
        .selectFrom('categories')
        .select(['id', 'parent_id'])
        .where('parent_id', '=', sql<string>`any(${parentIds}::bigint[])`)
        .orderBy('name')
        .orderBy('id')
        .execute()
      const byParent = Map.groupBy(rows, (row) => row.parent_id)
      return parentIds.map((id) => (byParent.get(id) ?? []).map((row) => row.id))
    },

    findRootIds: async (): Promise<string[]> => {
      const rows = await db
        .selectFrom('categories')
        .select('id')
        .where('parent_id', 'is', null)
        .orderBy('name')
        .orderBy('id')
        .execute()
      return rows.map((row) => row.id)
    },
  }
}

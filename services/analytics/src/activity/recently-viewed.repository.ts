import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'

export interface RecentlyViewedRow {
  productId: string
  /** RFC 3339. */
  viewedAt: string
}

/** How many each user's list keeps at hand. */
export const RECENTLY_VIEWED_LENGTH = 50

export interface RecentlyViewedRepository {
  /** The latest products of each user, the latest first, in the order of `userIds`. */
  findByUserIds(userIds: readonly string[]): Promise<RecentlyViewedRow[][]>
}

export function createRecentlyViewedRepository(db: Kysely<DB>): RecentlyViewedRepository {
  return {
    async findByUserIds(userIds) {
      const { rows } = await sql<{ items: RecentlyViewedRow[] }>`
        select coalesce((
          select json_agg(json_build_object(
            'productId', v.product_id::text,
            'viewedAt', to_char(v.viewed_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')
          ) order by v.viewed_at desc, v.product_id)
          from (
            select product_id, viewed_at from recently_viewed r where r.user_id = u.user_id
            order by viewed_at desc, product_id limit ${RECENTLY_VIEWED_LENGTH}
          ) v
        ), '[]') as items
        from unnest(${[...userIds]}::bigint[]) with ordinality as u (user_id, position) order by u.position
      `.execute(db)
      return rows.map((row) => row.items)
    },
  }
}

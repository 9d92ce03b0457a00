import { createHash } from 'node:crypto'
import { type Kysely, sql } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { TrendingWindow } from '../generated/graphql.ts'

export interface TrendingRow {
  rank: number
  score: number
  productId: string
}

export interface CategoryStatsRow {
  views: number
  purchases: number
}

/** What the refresh job recomputes: a window's list, or all categories' lists and totals. */
export type TrendingList = TrendingWindow | 'CATEGORIES'

export interface TrendingRepository {
  /** The lists of some windows, each by rank, in the order of `windows`; empty before the first refresh. */
  findLists(windows: readonly TrendingWindow[]): Promise<TrendingRow[][]>
  /** Ranks in the DAY list, in the order of `productIds`; null beyond it. */
  findRanks(productIds: readonly string[]): Promise<(number | null)[]>
  /** At most `limit` products for each category, by rank, in the order of `categoryIds`. */
  findTopByCategories(categoryIds: readonly string[], limit: number): Promise<string[][]>
  /** In the order of `categoryIds`; a category without activity has zeros. */
  findCategoryStats(categoryIds: readonly string[]): Promise<CategoryStatsRow[]>
  /**
   * Recomputes one list as of `now`, unless another process is at it, or has done so less than `leastAgeMs` before.
   * Untold: it has changes that caches were not told of yet, whoever made them.
   */
  refresh(
    list: TrendingList,
    now: Date,
    leastAgeMs?: number,
  ): Promise<{ isRecomputed: boolean; isUntold: boolean }>
  /** Caches have been told of every change up to now. */
  markTold(list: TrendingList): Promise<void>
  /** Seconds since each refresh, by name: the exported staleness. */
  staleness(now: Date): Promise<{ name: string; seconds: number }[]>
}

/** How many products a window's list keeps. */
const LIST_LENGTH = 1_000
/** How many products a category's top list keeps. */
export const CATEGORY_TOP_LENGTH = 24

const score = sql`sum(views) + 5 * sum(cart_adds) + 20 * sum(purchases)`

const WINDOWS = {
  DAY: (now: Date) => sql`
    select product_id, ${score} as score from product_stats_hourly
    where hour > date_trunc('hour', ${now}::timestamptz, 'UTC') - interval '24 hours' and hour <= ${now}
    group by product_id`,
  WEEK: (now: Date) => days(now, 7),
  MONTH: (now: Date) => days(now, 30),
} as const

function days(now: Date, count: number) {
  return sql`
    select product_id, ${score} as score from product_stats_daily
    where day > (${now}::timestamptz at time zone 'UTC')::date - ${count}::integer
      and day <= (${now}::timestamptz at time zone 'UTC')::date
    group by product_id`
}

export function createTrendingRepository(db: Kysely<DB>): TrendingRepository {
  return {
    async findLists(windows) {
      const { rows } = await sql<{ list: TrendingRow[] }>`
        select coalesce((
          select json_agg(json_build_object(
            'rank', t.rank, 'score', t.score, 'productId', t.product_id::text
          ) order by t.rank)
          from trending t where t.time_window = w.time_window
        ), '[]') as list
        from unnest(${[...windows]}::text[]) with ordinality as w (time_window, position) order by w.position
      `.execute(db)
      return rows.map((row) => row.list)
    },

    async findRanks(productIds) {
      const { rows } = await sql<{ rank: number | null }>`
        select t.rank from unnest(${[...productIds]}::bigint[]) with ordinality as p (product_id, position)
        left join trending t on t.time_window = 'DAY' and t.product_id = p.product_id order by p.position
      `.execute(db)
      return rows.map((row) => row.rank)
    },

    async findTopByCategories(categoryIds, limit) {
      const { rows } = await sql<{ ids: string[] }>`
        select array(
          select t.product_id::text from category_top t
          where t.category_id = c.category_id and t.rank <= ${limit} order by t.rank
        ) as ids
        from unnest(${[...categoryIds]}::bigint[]) with ordinality as c (category_id, position) order by c.position
      `.execute(db)
      return rows.map((row) => row.ids)
    },

    async findCategoryStats(categoryIds) {
      const { rows } = await sql<CategoryStatsRow>`
        select coalesce(s.views, 0)::integer as views, coalesce(s.purchases, 0)::integer as purchases
        from unnest(${[...categoryIds]}::bigint[]) with ordinality as c (category_id, position)
        left join category_stats s using (category_id) order by c.position
      `.execute(db)
      return rows
    },

    refresh: (list, now, leastAgeMs = 0) =>
      db.transaction().execute(async (trx) => {
        // One process at a time; another one's result is as good.
        const { rows: lock } = await sql<{ taken: boolean }>`
          select pg_try_advisory_xact_lock(hashtext(${`refresh:${list}`})) as taken
        `.execute(trx)
        if (!lock[0]?.taken) return { isRecomputed: false, isUntold: false }
        // Either way: of a clock that was ahead for a while, no list stays old until the others have come up to it.
        const { rows: young } = await sql<{ untold: boolean }>`
          select untold from refreshes
          where name = ${list} and abs(extract(epoch from ${now}::timestamptz - refreshed_at)) * 1000 < ${leastAgeMs}
        `.execute(trx)
        if (young[0]) return { isRecomputed: false, isUntold: young[0].untold }
        // A refresh over millions of rows may take longer than a request's statement may.
        await sql`set local statement_timeout = '60s'`.execute(trx)
        const before = await fingerprint(trx, list)
        if (list === 'CATEGORIES') await replaceCategories(trx, now)
        else await replaceWindow(trx, list, now)
        const changed = before !== (await fingerprint(trx, list))
        const { rows } = await sql<{ untold: boolean }>`
          insert into refreshes as r (name, refreshed_at, untold) values (${list}, ${now}, ${changed})
          on conflict (name) do update set refreshed_at = excluded.refreshed_at, untold = r.untold or excluded.untold
          returning untold
        `.execute(trx)
        // Autovacuum would come by within a minute or so; until then the planner knows nothing of what is in it.
        if (changed && before === NOTHING) await sql.raw(`analyze ${tablesOf(list)}`).execute(trx)
        return { isRecomputed: true, isUntold: rows[0]?.untold ?? false }
      }),

    async markTold(list) {
      await sql`update refreshes set untold = false where name = ${list}`.execute(db)
    },

    async staleness(now) {
      const { rows } = await sql<{ name: string; seconds: number }>`
        select name, extract(epoch from ${now}::timestamptz - refreshed_at)::float8 as seconds from refreshes
      `.execute(db)
      return rows
    },
  }
}

const tablesOf = (list: TrendingList) => (list === 'CATEGORIES' ? 'category_top, category_stats' : 'trending')

/** The fingerprint of a list without entries. */
const NOTHING = createHash('md5').digest('hex')

/** Equal for equal lists. */
async function fingerprint(trx: Kysely<DB>, list: TrendingList): Promise<string> {
  const { rows } =
    list === 'CATEGORIES'
      ? await sql<{ md5: string }>`
          select md5(concat(
            (select string_agg(concat_ws(':', category_id, product_id), ',' order by category_id, rank) from category_top),
            (select string_agg(concat_ws(':', category_id, views, purchases), ',' order by category_id) from category_stats)
          )) as md5`.execute(trx)
      : await sql<{ md5: string }>`
          select md5(coalesce(string_agg(concat_ws(':', product_id, score), ',' order by rank), '')) as md5
          from trending where time_window = ${list}`.execute(trx)
  return rows[0]?.md5 ?? ''
}

/*
 * What is replaced writes what differs only, and looks for it by a join: a conflict locks its row, which is a write, even if
 * nothing differs. Readers see the old list or the new one, never a part: it is replaced within the caller's transaction.
 */

async function replaceWindow(trx: Kysely<DB>, window: TrendingWindow, now: Date): Promise<void> {
  // Only products that catalog has told of: a client may report activity on an id that never was.
  await sql`
    with fresh as materialized (
      select product_id, row_number() over (order by score desc, product_id)::integer as rank, score::bigint
      from (${WINDOWS[window](now)}) scores join product_facts using (product_id)
      where score > 0 order by score desc, product_id limit ${LIST_LENGTH}
    ), gone as (
      delete from trending t
      where t.time_window = ${window} and not exists (select from fresh f where f.product_id = t.product_id)
    )
    insert into trending (time_window, product_id, rank, score)
    select ${window}, f.product_id, f.rank, f.score
    from fresh f left join trending t on t.time_window = ${window} and t.product_id = f.product_id
    where (f.rank, f.score) is distinct from (t.rank, t.score)
    on conflict (time_window, product_id) do update set rank = excluded.rank, score = excluded.score
  `.execute(trx)
}

/**
 * The best of a category are among the best of those below it: each product is ranked among those of its own first (a path's last
 * one; it has no other path), and few of them again.
 */
async function replaceCategories(trx: Kysely<DB>, now: Date): Promise<void> {
  await sql`
    with best as (
      select category_ids, product_id, score from (
        select category_ids, product_id, score,
          row_number() over (
            partition by category_ids[cardinality(category_ids)] order by score desc, product_id
          ) as rank
        from (${WINDOWS.MONTH(now)}) scores join product_facts using (product_id)
        where score > 0
      ) ranked where rank <= ${CATEGORY_TOP_LENGTH}
    ), fresh as materialized (
      select category_id, rank, product_id from (
        select category_id, product_id,
          row_number() over (partition by category_id order by score desc, product_id) as rank
        from best, unnest(category_ids) as category_id
      ) ranked where rank <= ${CATEGORY_TOP_LENGTH}
    ), gone as (
      delete from category_top t
      where not exists (select from fresh f where f.category_id = t.category_id and f.rank = t.rank)
    )
    insert into category_top (category_id, rank, product_id)
    select f.category_id, f.rank, f.product_id from fresh f left join category_top t using (category_id, rank)
    where f.product_id is distinct from t.product_id
    on conflict (category_id, rank) do update set product_id = excluded.product_id
  `.execute(trx)
  await sql`
    with fresh as materialized (
      select category_id, sum(views)::bigint as views, sum(purchases)::bigint as purchases
      from (
        select category_ids, sum(views) as views, sum(purchases) as purchases
        from product_stats join product_facts using (product_id) group by category_ids
      ) paths, unnest(category_ids) as category_id
      group by category_id
    ), gone as (
      delete from category_stats t where not exists (select from fresh f where f.category_id = t.category_id)
    )
    insert into category_stats (category_id, views, purchases)
    select f.category_id, f.views, f.purchases from fresh f left join category_stats t using (category_id)
    where (f.views, f.purchases) is distinct from (t.views, t.purchases)
    on conflict (category_id) do update set views = excluded.views, purchases = excluded.purchases
  `.execute(trx)
}

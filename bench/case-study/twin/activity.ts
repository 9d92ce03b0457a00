import type { Context } from './context.ts'
import { decodeId } from './ids.ts'
import { findProduct, type ProductRow } from './product-row.ts'

const SCORE = "sum(case kind when 'VIEW' then 1 when 'CART_ADD' then 5 else 20 end)"

/** Since when an activity counts. A day's window begins with a full hour, the others with a full day. */
const WINDOWS = {
  DAY: "date_trunc('hour', now(), 'UTC') - interval '23 hours'",
  WEEK: "date_trunc('day', now(), 'UTC') - interval '6 days'",
  MONTH: "date_trunc('day', now(), 'UTC') - interval '29 days'",
}

/** A product's rank is told among so many. */
const LONGEST_LIST = 1_000

interface TrackedEvent {
  id: string
  kind: string
  productId: string
  quantity: number
}

interface Ranked {
  product_id: string
  rank: number
  score: number
}

/** Counted anew from what happened, whenever somebody asks. */
export const activityResolvers = {
  Query: {
    async trending(
      _root: unknown,
      { window, first }: { window: keyof typeof WINDOWS; first: number },
      { db }: Context,
    ) {
      const { rows } = await db.query<Ranked>(
        `select product_id, ${SCORE}::integer as score, (row_number() over (order by ${SCORE} desc, product_id))::integer as rank
         from activity where occurred_at >= ${WINDOWS[window]}
         group by product_id order by rank limit $1`,
        [first],
      )
      return rows
    },
  },
  TrendingProduct: {
    product: ({ product_id }: Ranked, _args: unknown, { db }: Context) => findProduct(db, product_id),
  },
  Product: {
    async stats({ id }: ProductRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query(
        `select (count(*) filter (where kind = 'VIEW'))::integer as views,
           (count(*) filter (where kind = 'CART_ADD'))::integer as "cartAdds",
           (count(*) filter (where kind = 'PURCHASE'))::integer as purchases,
           (count(*) filter (where kind = 'VIEW' and occurred_at >= ${WINDOWS.WEEK}))::integer as "viewsLast7Days"
         from activity where product_id = $1`,
        [id],
      )
      return rows[0]
    },
    async trendRank({ id }: ProductRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query<Ranked>(
        `select rank from (
           select product_id, (row_number() over (order by ${SCORE} desc, product_id))::integer as rank
           from activity where occurred_at >= ${WINDOWS.DAY} group by product_id
         ) ranked where product_id = $1 and rank <= ${LONGEST_LIST}`,
        [id],
      )
      return rows[0]?.rank ?? null
    },
  },
  Mutation: {
    /** Written before the client is answered, one row after the other. */
    async track(_root: unknown, { input }: { input: { events: TrackedEvent[] } }, { db, viewer }: Context) {
      for (const { id, kind, productId, quantity } of input.events) {
        await db.query(
          `insert into activity (id, kind, product_id, user_id, quantity, price_minor, currency, occurred_at)
           select $1, $2, p.id, $4, $5, p.price_minor, p.currency, now() from products p where p.id = $3
           on conflict (id) do nothing`,
          [id, kind, decodeId('Product', productId), viewer?.id ?? null, quantity],
        )
      }
      return { accepted: input.events.length, userErrors: [] }
    },
  },
}

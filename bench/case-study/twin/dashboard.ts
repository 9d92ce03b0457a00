import type { Context } from './context.ts'
import { decodeId } from './ids.ts'
import { findProduct } from './product-row.ts'

/** Whose, and since when. */
interface Dashboard {
  sellerId: string
  days: number
}

interface Totals {
  views: number
  purchases: number
}

interface DayTotals extends Totals {
  date: string
}

const COUNTS = `(count(*) filter (where a.kind = 'VIEW'))::integer as views,
  (count(*) filter (where a.kind = 'PURCHASE'))::integer as purchases`

/** What happened to a seller's products in the last days, today included. */
const ACTIVITY = `from products p join activity a on a.product_id = p.id
  where p.seller_id = $1 and a.occurred_at >= date_trunc('day', now(), 'UTC') - ($2::integer - 1) * interval '1 day'`

const DATE = "to_char(a.occurred_at at time zone 'UTC', 'YYYY-MM-DD')"

/** Every figure is added up while its seller waits. */
export const dashboardResolvers = {
  Query: {
    dashboard(
      _root: unknown,
      args: { sellerId: string; days: number },
      { viewer }: Context,
    ): Dashboard | null {
      const sellerId = decodeId('User', args.sellerId)
      if (viewer?.id !== sellerId && !viewer?.roles.includes('ADMIN')) return null
      return { sellerId, days: args.days }
    },
  },
  Dashboard: {
    async seller({ sellerId }: Dashboard, _args: unknown, { db }: Context) {
      const { rows } = await db.query('select * from users where id = $1', [sellerId])
      return rows[0] ?? null
    },
    views: async (dashboard: Dashboard, _args: unknown, { db }: Context) =>
      (await totals(db, dashboard)).views,
    purchases: async (dashboard: Dashboard, _args: unknown, { db }: Context) =>
      (await totals(db, dashboard)).purchases,
    async revenue({ sellerId, days }: Dashboard, _args: unknown, { db }: Context) {
      const { rows } = await db.query(
        `select a.currency, sum(a.price_minor * a.quantity)::float8 as amount ${ACTIVITY}
         and a.kind = 'PURCHASE' and a.currency is not null group by 1 order by amount desc, 1`,
        [sellerId, days],
      )
      return rows
    },
    async days({ sellerId, days }: Dashboard, _args: unknown, { db }: Context) {
      const { rows } = await db.query<DayTotals>(`select ${DATE} as date, ${COUNTS} ${ACTIVITY} group by 1`, [
        sellerId,
        days,
      ])
      const { rows: revenues } = await db.query<{ date: string; currency: string; amount: number }>(
        `select ${DATE} as date, a.currency, sum(a.price_minor * a.quantity)::float8 as amount ${ACTIVITY}
         and a.kind = 'PURCHASE' and a.currency is not null group by 1, 2 order by amount desc, 2`,
        [sellerId, days],
      )
      return lastDays(days).map((date) => ({
        ...(rows.find((row) => row.date === date) ?? { date, views: 0, purchases: 0 }),
        revenue: revenues.filter((revenue) => revenue.date === date),
      }))
    },
    async topProducts({ sellerId, days }: Dashboard, { first }: { first: number }, { db }: Context) {
      const { rows } = await db.query(
        `select p.id as product_id, p.title, ${COUNTS} ${ACTIVITY}
         group by p.id order by purchases desc, views desc, p.id limit $3`,
        [sellerId, days, first],
      )
      return rows
    },
  },
  DashboardProduct: {
    product: ({ product_id }: { product_id: string }, _args: unknown, { db }: Context) =>
      findProduct(db, product_id),
  },
}

async function totals(db: Context['db'], { sellerId, days }: Dashboard): Promise<Totals> {
  const { rows } = await db.query<Totals>(`select ${COUNTS} ${ACTIVITY}`, [sellerId, days])
  return rows[0]!
}

/** The oldest first: `2026-11-23`. */
function lastDays(count: number): string[] {
  const today = Date.now()
  return Array.from({ length: count }, (_, index) =>
    new Date(today - (count - 1 - index) * 86_400_000).toISOString().slice(0, 10),
  )
}

import type { Context } from './context.ts'
import { encodeId } from './ids.ts'
import { findPage, type ListingArguments } from './listing.ts'

export interface CategoryRow {
  id: string
  parent_id: string | null
  name: string
  slug: string
}

export async function findCategory(db: Context['db'], id: string): Promise<CategoryRow | null> {
  const { rows } = await db.query<CategoryRow>('select * from categories where id = $1', [id])
  return rows[0] ?? null
}

/** From the root down: up the tree, one statement for each level. */
export async function findAncestors(db: Context['db'], { parent_id }: CategoryRow): Promise<CategoryRow[]> {
  if (parent_id === null) return []
  const parent = await findCategory(db, parent_id)
  return parent ? [...(await findAncestors(db, parent)), parent] : []
}

export const categoryResolvers = {
  Query: {
    async category(_root: unknown, { slug }: { slug: string }, { db }: Context) {
      const { rows } = await db.query<CategoryRow>('select * from categories where slug = $1', [slug])
      return rows[0] ?? null
    },
    async categoryTree(_root: unknown, _args: unknown, { db }: Context) {
      const { rows } = await db.query('select * from categories where parent_id is null order by name, id')
      return rows
    },
  },
  Category: {
    id: ({ id }: CategoryRow) => encodeId('Category', id),
    async path(category: CategoryRow, _args: unknown, { db }: Context) {
      return [...(await findAncestors(db, category)), category].map(({ name }) => name).join(' > ')
    },
    ancestors: (category: CategoryRow, _args: unknown, { db }: Context) => findAncestors(db, category),
    async children({ id }: CategoryRow, _args: unknown, { db }: Context) {
      const { rows } = await db.query('select * from categories where parent_id = $1 order by name, id', [id])
      return rows
    },
    /** The most active ones of the last 30 days, today included. */
    async topProducts({ id }: CategoryRow, { first }: { first: number }, { db }: Context) {
      const { rows } = await db.query(
        `with recursive subtree as (
           select id from categories where id = $1
           union all select c.id from categories c join subtree s on c.parent_id = s.id
         )
         select p.* from products p join subtree s on s.id = p.category_id join activity a on a.product_id = p.id
         where a.occurred_at >= date_trunc('day', now(), 'UTC') - interval '29 days'
         group by p.id
         order by sum(case a.kind when 'VIEW' then 1 when 'CART_ADD' then 5 else 20 end) desc, p.id
         limit $2`,
        [id, first],
      )
      return rows
    },
    products: ({ id }: CategoryRow, args: ListingArguments, { db }: Context) => findPage(db, args, id),
  },
}

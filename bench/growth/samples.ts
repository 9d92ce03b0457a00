import type pg from 'pg'

/** What is asked for: the same kind of thing in a small shop and in a large one. */
export interface Samples {
  /** The root category with the most products. */
  categoryId: string
  /** Categories with products of the 20 most popular ones. */
  leafIds: string[]
  /** The 20 most popular products. */
  productIds: string[]
  /** A brand that has some products in the category. */
  brandId: string
  attribute: { name: string; values: string[] }
  /** Two words of one product's title, of the brand and of the model. */
  rareWords: string
  /** A seller of about 100 products, and the one with the most. */
  sellerId: string
  largestSellerId: string
  userId: string
  /** The day of the latest activity. */
  today: string
  /** For each column that lists are sorted by: the keys of the row in the category's middle, as a cursor has them. */
  middle: Record<'popularity' | 'price_minor' | 'created_at' | 'title', [key: string, id: string]>
}

export async function readSamples(client: pg.Client): Promise<Samples> {
  const first = async <T>(query: string, parameters: unknown[] = []): Promise<T> => {
    const { rows } = await client.query(query, parameters)
    return rows[0]
  }
  const { id: categoryId, count } = await first<{ id: string; count: number }>(
    `select c.id, count(*)::integer as count from catalog.product_categories l join catalog.categories c on c.id = l.category_id
     group by 1 order by 2 desc limit 1`,
  )
  const popular = await first<{ product_ids: string[]; leaf_ids: string[] }>(`
    select array_agg(id::text) as product_ids, array_agg(distinct category_id::text) as leaf_ids
    from (select id, category_id from catalog.products order by popularity desc limit 20) p`)
  const product = await first<{ brand: string; words: string; name: string; value: string }>(
    `
    select p.brand_id::text as brand, split_part(p.title, ' ', 1) || ' ' || split_part(p.title, ' ', 2) as words,
      p.attributes -> 0 ->> 'name' as name, p.attributes -> 0 ->> 'value' as value
    from catalog.product_categories l join catalog.products p on p.id = l.product_id
    where l.category_id = $1 order by l.popularity desc limit 1`,
    [categoryId],
  )
  const sellers = await first<{ usual: string; largest: string }>(`
    with sizes as (select seller_id::text as id, count(*) as size from analytics.product_facts group by 1)
    select (select id from sizes order by abs(size - 100), id limit 1) as usual,
      (select id from sizes order by size desc, id limit 1) as largest`)
  const { today } = await first<{ today: string }>(
    `select to_char(max(day), 'YYYY-MM-DD') as today from analytics.product_stats_daily`,
  )
  const middleBy = async (column: string, key = `${column}::text`): Promise<[string, string]> => {
    const row = await first<{ key: string; id: string }>(
      `select ${key} as key, product_id::text as id from catalog.product_categories where category_id = $1
       order by ${column}, product_id offset $2 limit 1`,
      [categoryId, Math.floor(count / 2)],
    )
    return [row.key, row.id]
  }
  return {
    categoryId,
    leafIds: popular.leaf_ids,
    productIds: popular.product_ids,
    brandId: product.brand,
    attribute: { name: product.name, values: [product.value] },
    rareWords: product.words,
    sellerId: sellers.usual,
    largestSellerId: sellers.largest,
    userId: '1',
    today,
    middle: {
      popularity: await middleBy('popularity'),
      price_minor: await middleBy('price_minor'),
      created_at: await middleBy('created_at', '(extract(epoch from created_at) * 1000000)::bigint::text'),
      title: await middleBy('title'),
    },
  }
}

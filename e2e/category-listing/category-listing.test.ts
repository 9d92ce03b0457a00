import { eventually } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { type Answer, ask } from '../supergraph.ts'

interface Node {
  id: string
  title: string
  price: { amount: number; currency: string }
}

interface Page {
  nodes: Node[]
  totalCount: number
  pageInfo: { hasNextPage: boolean; endCursor: string | null }
}

async function readAll(variables: Record<string, unknown>): Promise<Node[]> {
  const nodes: Node[] = []
  let after: string | null = null
  for (;;) {
    const { data, errors }: Answer<{ category: { products: Page } }> = await ask('CategoryListing', {
      slug: 'furniture',
      first: 7,
      ...variables,
      after,
    })
    expect(errors).toBeUndefined()
    const products: Page = data.category.products
    nodes.push(...products.nodes)
    if (!products.pageInfo.hasNextPage) {
      expect(nodes).toHaveLength(products.totalCount)
      return nodes
    }
    after = products.pageInfo.endCursor
  }
}

test.each(['POPULARITY_DESC', 'PRICE_ASC', 'PRICE_DESC', 'NEWEST', 'TITLE_ASC'])(
  'pages through a category by %s: each product once',
  (sort) =>
    // Other scenarios change prices meanwhile: a walk that one of them fell into is made again.
    eventually(async () => {
      const nodes = await readAll({ sort })
      expect(new Set(nodes.map(({ id }) => id)).size).toBe(nodes.length)
      expect(nodes.length).toBeGreaterThan(10)
      const amounts = nodes.map(({ price }) => price.amount)
      if (sort === 'PRICE_ASC') expect(amounts).toEqual(amounts.toSorted((a, b) => a - b))
      if (sort === 'PRICE_DESC') expect(amounts).toEqual(amounts.toSorted((a, b) => b - a))
    }),
)

test('filters by price and by stock, and counts facets of what is left', async () => {
  const filter = { minPrice: 2_000, maxPrice: 30_000, inStock: true }
  // Of one whose price another scenario changes just now, the list may still be that of before.
  await eventually(async () => {
    for (const { price } of await readAll({ filter, sort: 'PRICE_ASC' })) {
      expect(price.amount).toBeGreaterThanOrEqual(2_000)
      expect(price.amount).toBeLessThanOrEqual(30_000)
    }
  })
  const { data } = await ask('CategoryListing', { slug: 'furniture', first: 1, filter })
  const { facets, totalCount } = data.category.products
  const counted = facets.brands.reduce((sum: number, one: { count: number }) => sum + one.count, 0)
  expect(counted).toBeGreaterThan(0)
  expect(counted).toBeLessThanOrEqual(totalCount)
})

test('pages backward through the same products', async () => {
  const forward = await ask('ProductList', { first: 10, sort: 'NEWEST' })
  const next = await ask('ProductList', {
    first: 10,
    sort: 'NEWEST',
    after: forward.data.products.pageInfo.endCursor,
  })
  const back = await ask('ProductList', {
    last: 10,
    sort: 'NEWEST',
    before: next.data.products.pageInfo.startCursor,
  })
  const idsOf = ({ data }: Answer<{ products: Page }>) => data.products.nodes.map(({ id }) => id)
  expect(idsOf(back)).toEqual(idsOf(forward))
  expect(back.data.products.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: false })
})

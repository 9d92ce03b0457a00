import { ask } from '../ask.ts'
import { encodeCursor } from '../twin/ids.ts'
import { type Cursors, PAGE } from './requests.ts'

const CATEGORIES = 12
const PAGES = 8

const QUERY = `query Walk($slug: String!, $first: Int, $after: String) {
  category(slug: $slug) { products(first: $first, after: $after) { pageInfo { hasNextPage endCursor } } }
}`

interface Walked {
  category: { products: { pageInfo: { hasNextPage: boolean; endCursor: string } } }
}

/** Where the pages behind the first begin, on both sides, in the most popular categories. */
export async function walkPages(
  freshetUrl: string,
  categories: readonly { slug: string }[],
): Promise<{ twin: Cursors; freshet: Cursors }> {
  const freshet: Record<string, string[]> = {}
  const twin: Record<string, string[]> = {}
  for (const { slug } of categories.slice(0, CATEGORIES)) {
    const cursors: string[] = []
    for (let page = 1; page < PAGES; page++) {
      const variables = { slug, first: PAGE, after: cursors.at(-1) ?? null }
      const { data } = await ask(freshetUrl, JSON.stringify({ query: QUERY, variables }), null)
      const { hasNextPage, endCursor } = (data as unknown as Walked).category.products.pageInfo
      if (!hasNextPage) break
      cursors.push(endCursor)
    }
    freshet[slug] = cursors
    twin[slug] = cursors.map((_, index) => encodeCursor((index + 1) * PAGE))
  }
  return { twin, freshet }
}

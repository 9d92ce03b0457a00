import { toTable } from '../table.ts'
import type { Cost } from './meter.ts'

/** A query's cost in each database, from the smallest to the largest. */
export interface Row {
  name: string
  costs: Cost[]
}

export type Growth = 'flat' | 'logarithmic' | 'grows'

/**
 * How a query's time and its pages grow from the smallest database to the largest: by less than half is flat, by at most once
 * for each tenfold of products is logarithmic. Each by itself, for neither excuses the other: time depends on the machine, and
 * pages hold what {@link NOTE} tells.
 *
 * @param products the sizes of the databases, ascending, of which there are two at least
 */
export function growthOf({ costs }: Row, products: readonly number[]): Record<keyof Cost, Growth> {
  const tenfolds = Math.log10(products.at(-1)! / products[0]!)
  const of = (figure: keyof Cost): Growth => {
    const ratio = ratioOf(costs, figure)
    if (ratio <= 1.5) return 'flat'
    return ratio <= 1 + tenfolds ? 'logarithmic' : 'grows'
  }
  return { ms: of('ms'), buffers: of('buffers') }
}

/** Growth is between two sizes. @throws Error */
export function checkSizes(products: readonly number[]): void {
  if (new Set(products).size < 2)
    throw new Error(
      `at least two databases of different sizes are expected, and there is ${products.length === 0 ? 'none' : `one size, ${products[0]!.toLocaleString('en')} products`}`,
    )
}

export const NOTE =
  'Pages: where a table is above 256 MB its visibility map has several pages, and PostgreSQL counts a look at it for nearly every row of an index-only scan.'

/** From the smallest to the largest. */
function ratioOf(costs: readonly Cost[], figure: keyof Cost): number {
  return costs.at(-1)![figure] / Math.max(costs[0]![figure], figure === 'ms' ? 0.01 : 1)
}

export function toText(rows: readonly Row[], products: readonly number[]): string {
  const sizes = products.map(shortly)
  const head = [
    'query',
    ...sizes.map((size) => `ms ${size}`),
    'ratio',
    'time',
    ...sizes.map((size) => `pages ${size}`),
    'ratio',
    'pages',
  ]
  const lines = rows.map((row) => {
    const growth = growthOf(row, products)
    return [
      row.name,
      ...row.costs.map(({ ms }) => ms.toFixed(2)),
      ratioOf(row.costs, 'ms').toFixed(1),
      growth.ms,
      ...row.costs.map(({ buffers }) => buffers),
      ratioOf(row.costs, 'buffers').toFixed(1),
      growth.buffers,
    ]
  })
  return `${toTable([head, ...lines])}\n${NOTE}`
}

/** `10k`, `1M` */
export function shortly(count: number): string {
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(1))}M`
  return count >= 1_000 ? `${Number((count / 1_000).toFixed(1))}k` : String(count)
}

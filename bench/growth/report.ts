import { toTable } from '../freshness/table.ts'
import type { Cost } from './meter.ts'

/** A query's cost in each database, from the smallest to the largest. */
export interface Row {
  name: string
  costs: Cost[]
}

export type Growth = 'flat' | 'logarithmic' | 'grows'

/**
 * How a query's cost grows from the smallest database to the largest: by less than half is flat, by at most once for each
 * tenfold of products is logarithmic. By time or by pages, whichever grows less: time depends on the machine, and where a table's
 * visibility map has several pages, PostgreSQL counts a look at it for nearly every row of an index-only scan.
 */
export function growthOf({ costs }: Row, products: readonly number[]): Growth {
  const ratio = Math.min(ratioOf(costs, 'ms'), ratioOf(costs, 'buffers'))
  if (ratio <= 1.5) return 'flat'
  const tenfolds = Math.log10(products.at(-1)! / products[0]!)
  return ratio <= 1 + tenfolds ? 'logarithmic' : 'grows'
}

/** From the smallest to the largest. */
export function ratioOf(costs: readonly Cost[], figure: keyof Cost): number {
  return costs.at(-1)![figure] / Math.max(costs[0]![figure], figure === 'ms' ? 0.01 : 1)
}

export function toText(rows: readonly Row[], products: readonly number[]): string {
  const sizes = products.map(shortly)
  const head = [
    'query',
    ...sizes.map((size) => `ms ${size}`),
    'ratio',
    ...sizes.map((size) => `pages ${size}`),
    'ratio',
    'growth',
  ]
  const lines = rows.map((row) => [
    row.name,
    ...row.costs.map(({ ms }) => ms.toFixed(2)),
    ratioOf(row.costs, 'ms').toFixed(1),
    ...row.costs.map(({ buffers }) => buffers),
    ratioOf(row.costs, 'buffers').toFixed(1),
    growthOf(row, products),
  ])
  return toTable([head, ...lines])
}

/** `10k`, `1M` */
export function shortly(count: number): string {
  if (count >= 1_000_000) return `${Number((count / 1_000_000).toFixed(1))}M`
  return count >= 1_000 ? `${Number((count / 1_000).toFixed(1))}k` : String(count)
}

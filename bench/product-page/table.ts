import type { Round } from './measure.ts'

const ROWS: [label: string, figure: keyof Round, digits: number][] = [
  ['requests per second', 'requestsPerSecond', 0],
  ['p50, ms', 'p50Ms', 1],
  ['p99, ms', 'p99Ms', 1],
  ['CPU of the services, ms per request', 'cpuMsPerRequest', 2],
  ['SQL statements per request', 'sqlStatementsPerRequest', 2],
]

/** Medians of both sides, and how many times larger the larger one is. */
export function toTable({ on, off }: { on: Round; off: Round }): string {
  const lines = ROWS.map(([label, figure, digits]) => {
    const [a, b] = [on[figure], off[figure]]
    const ratio = Math.min(a, b) > 0 ? `${(Math.max(a, b) / Math.min(a, b)).toFixed(1)} x` : '-'
    return [label, a.toFixed(digits), b.toFixed(digits), ratio]
  })
  const cells = [['product page', 'caches on', 'caches off', 'ratio'], ...lines]
  const widths = [0, 1, 2, 3].map((column) => Math.max(...cells.map((row) => (row[column] as string).length)))
  return cells
    .map((row) =>
      row
        .map((cell, i) =>
          i === 0 ? cell.padEnd(widths[i] as number) : cell.padStart((widths[i] as number) + 2),
        )
        .join(''),
    )
    .join('\n')
}

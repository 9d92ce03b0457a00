import { growthOf, type Row, shortly } from './report.ts'

const WIDTH = 420
const ROW = 34
const TOP = 92
/** Two panels beside each other: where each begins, and how wide both are. */
const PANELS = { ms: 14, buffers: 226 } as const
const PANEL_WIDTH = 180

/**
 * A dot for each database on a logarithmic scale, time to the left and pages to the right, below each query's name: dots that
 * lie on one another do not grow. Readable on a phone; light or dark as the reader has it.
 */
export function toSvg(rows: readonly Row[], products: readonly number[], title: string): string {
  const height = TOP + rows.length * ROW + 16
  const scales = { ms: scaleOf(rows, 'ms'), buffers: scaleOf(rows, 'buffers') }
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${WIDTH} ${height}" role="img" aria-label="${escaped(title)}" font-family="system-ui, sans-serif" font-size="12">
<style>
  svg { color-scheme: light dark; background: #fff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; --0: #54aeff; --1: #0969da; --2: #0a3069 }
  @media (prefers-color-scheme: dark) { svg { background: #0d1117; --text: #f0f6fc; --muted: #9198a1; --line: #3d444d; --0: #1f6feb; --1: #79c0ff; --2: #ffffff } }
  text { fill: var(--text) } .muted { fill: var(--muted) } line { stroke: var(--line) } .grid { stroke-dasharray: 2 3 }
</style>
<text x="14" y="22" font-size="14" font-weight="600">${escaped(title)}</text>
${products.map((size, i) => legend(size, i)).join('\n')}
${axis(PANELS.ms, scales.ms, 'milliseconds', height)}
${axis(PANELS.buffers, scales.buffers, 'pages of 8 kB', height)}
${rows.map((row, i) => line(row, i, products, scales)).join('\n')}
</svg>
`
}

type Figure = 'ms' | 'buffers'

interface Scale {
  decades: number[]
  x: (value: number) => number
}

/** Whole decades around all values. */
function scaleOf(rows: readonly Row[], figure: Figure): Scale {
  const values = rows.flatMap(({ costs }) => costs.map((cost) => Math.max(cost[figure], 0.01)))
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  const x = (value: number) => ((Math.log10(Math.max(value, 0.01)) - first) / (last - first)) * PANEL_WIDTH
  return { decades: Array.from({ length: last - first + 1 }, (_, i) => 10 ** (first + i)), x }
}

function legend(size: number, index: number): string {
  const x = 20 + index * 110
  return `<circle cx="${x}" cy="40" r="5" fill="var(--${index})" stroke="var(--muted)"/><text x="${x + 10}" y="44">${shortly(size)} products</text>`
}

function axis(left: number, { decades, x }: Scale, label: string, height: number): string {
  const ticks = decades.map((value, i) => {
    const at = left + x(value)
    // A label for every other decade where they would touch.
    const text = decades.length > 5 && i % 2 === 1 ? '' : shown(value)
    return `<line class="grid" x1="${at}" x2="${at}" y1="${TOP - 12}" y2="${height - 12}"/><text class="muted" x="${at}" y="${TOP - 16}" font-size="10" text-anchor="middle">${text}</text>`
  })
  return `<text class="muted" x="${left}" y="62">${label}</text>${ticks.join('')}`
}

function line(row: Row, index: number, products: readonly number[], scales: Record<Figure, Scale>): string {
  const y = TOP + index * ROW
  const { ms, buffers } = growthOf(row, products)
  const growth = ms === buffers ? ms : `ms ${ms}, pages ${buffers}`
  const dots = (['ms', 'buffers'] as const).map((figure) => {
    const at = row.costs.map((cost) => PANELS[figure] + scales[figure].x(cost[figure]))
    const circles = at.map(
      (x, i) =>
        `<circle cx="${x.toFixed(1)}" cy="${y + 20}" r="${6 - i}" fill="var(--${i})" stroke="var(--muted)"/>`,
    )
    return `<line x1="${Math.min(...at).toFixed(1)}" x2="${Math.max(...at).toFixed(1)}" y1="${y + 20}" y2="${y + 20}" stroke-width="2"/>${circles.join('')}`
  })
  return `<text x="14" y="${y + 10}">${escaped(row.name)}</text><text class="muted" x="406" y="${y + 10}" font-size="10" text-anchor="end">${growth}</text>${dots.join('')}`
}

const shown = (value: number) => (value >= 1_000 ? shortly(value) : String(value))

const escaped = (text: string) => text.replace(/[&<>"]/g, (char) => `&#${char.charCodeAt(0)};`)

import { scaleLinear, scaleLog } from 'd3-scale'
import { drawing, element, text } from '../svg.ts'
import type { Cost } from './meter.ts'
import { growthOf, type Row, shortly } from './report.ts'

const [WIDTH, MARGIN, TOP, ROW, BOTTOM] = [420, 14, 92, 34, 16]
/** Two panels beside each other: where each begins and ends. */
const PANELS: Record<keyof Cost, { label: string; range: [number, number] }> = {
  ms: { label: 'milliseconds', range: [MARGIN, 194] },
  buffers: { label: 'pages of 8 kB', range: [226, WIDTH - MARGIN] },
}
const FIGURES = Object.keys(PANELS) as (keyof Cost)[]
/** Dots from the smallest database to the largest: smaller, so that none hides another, and farther from the background. */
const DOTS = { radius: [6, 3], light: ['#54aeff', '#0a3069'], dark: ['#1f6feb', '#ffffff'] }

/**
 * A dot for each database on a logarithmic scale, time to the left and pages to the right, below each query's name: dots that
 * lie on one another do not grow. Readable on a phone; light or dark as the reader has it.
 */
export function toSvg(rows: readonly Row[], products: readonly number[], title: string): string {
  const height = TOP + rows.length * ROW + BOTTOM
  const scales = { ms: scaleOf(rows, 'ms'), buffers: scaleOf(rows, 'buffers') }
  return `${drawing(
    { title, width: WIDTH, height, style: styleFor(products.length) },
    text(title, { class: 'title', x: MARGIN, y: 22 }),
    ...products.map((size, i) => legend(size, i, products.length)),
    ...FIGURES.map((figure) => axis(figure, scales[figure], height)),
    ...rows.map((row, i) => line(row, TOP + i * ROW, products, scales)),
  )}\n`
}

type Scale = ReturnType<typeof scaleOf>

/** Whole decades around all values. */
function scaleOf(rows: readonly Row[], figure: keyof Cost) {
  const values = rows.flatMap(({ costs }) => costs.map((cost) => Math.max(cost[figure], 0.01)))
  const first = Math.floor(Math.log10(Math.min(...values)))
  const last = Math.max(first + 1, Math.ceil(Math.log10(Math.max(...values))))
  return scaleLog([10 ** first, 10 ** last], PANELS[figure].range).clamp(true)
}

/** What lies between the first and the last of `count` at this index. */
const between = <Value extends string | number>([first, last]: Value[], index: number, count: number) =>
  scaleLinear<Value>([0, Math.max(1, count - 1)], [first!, last!])(index)

function dot(x: number, y: number, index: number, count: number): string {
  const r = between(DOTS.radius, index, count)
  return element('circle', { cx: x, cy: y, r, fill: `var(--dot-${index})`, stroke: 'var(--muted)' })
}

function legend(size: number, index: number, count: number): string {
  const x = 20 + index * Math.min(110, (WIDTH - 20) / count)
  const label = text(index === 0 ? `${shortly(size)} products` : shortly(size), { x: x + 10, y: 44 })
  return dot(x, 40, index, count) + label
}

function axis(figure: keyof Cost, scale: Scale, height: number): string {
  const decades = scale.ticks().filter((tick) => Math.log10(tick) % 1 === 0)
  const ticks = decades.flatMap((value, i) => {
    const x = scale(value)
    const grid = element('line', { class: 'grid', x1: x, x2: x, y1: TOP - 12, y2: height - 12 })
    // A label for every other decade where they would touch.
    if (decades.length > 5 && i % 2 === 1) return [grid]
    return [grid, text(shortly(value), { class: 'small muted', x, y: TOP - 16, 'text-anchor': 'middle' })]
  })
  const { label, range } = PANELS[figure]
  return text(label, { class: 'muted', x: range[0], y: 62 }) + ticks.join('')
}

function line(row: Row, y: number, products: readonly number[], scales: Record<keyof Cost, Scale>): string {
  const { ms, buffers } = growthOf(row, products)
  const growth = ms === buffers ? ms : `ms ${ms}, pages ${buffers}`
  const dots = FIGURES.map((figure) => {
    const at = row.costs.map((cost) => scales[figure](Math.max(cost[figure], 0.01)))
    const from = { x1: Math.min(...at), x2: Math.max(...at), y1: y + 20, y2: y + 20 }
    return element('line', from) + at.map((x, i) => dot(x, y + 20, i, at.length)).join('')
  })
  const name = text(row.name, { x: MARGIN, y: y + 10 })
  const verdict = { class: 'small muted', x: WIDTH - MARGIN, y: y + 10, 'text-anchor': 'end' }
  return name + text(growth, verdict) + dots.join('')
}

function styleFor(count: number): string {
  const colours = (ends: string[]) =>
    Array.from({ length: count }, (_, i) => `--dot-${i}: ${between(ends, i, count)};`).join(' ')
  return `
svg { color-scheme: light dark; background: #fff; --text: #1f2328; --muted: #59636e; --line: #d1d9e0; ${colours(DOTS.light)} }
@media (prefers-color-scheme: dark) { svg { background: #0d1117; --text: #f0f6fc; --muted: #9198a1; --line: #3d444d; ${colours(DOTS.dark)} } }
text { font: 12px system-ui, sans-serif; fill: var(--text); }
.title { font-size: 14px; font-weight: 600; }
.small { font-size: 10px; }
.muted { fill: var(--muted); }
line { stroke: var(--line); stroke-width: 2; }
.grid { stroke-width: 1; stroke-dasharray: 2 3; }
`
}

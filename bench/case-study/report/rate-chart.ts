import { scaleLog } from 'd3-scale'
import { line } from 'd3-shape'
import { element, text } from '../../svg.ts'
import type { Probe } from '../highest-rate.ts'
import { STEP_LABELS, type Step } from '../steps.ts'
import { digits } from './figures.ts'
import { mark } from './marks.ts'
import { drawing, WIDTH } from './svg.ts'
import { colourOf } from './theme.ts'

const [LEFT, RIGHT, TOP, PLOT, BOTTOM] = [48, 20, 10, 220, 42]

/** The 99th percentile over the arrival rate, both logarithmic, with the bound that must be held. */
export function rateChart(options: {
  title: string
  limitMs: number
  series: readonly { step: Step; probes: readonly Probe[] }[]
}): string {
  const { title, limitMs, series } = options
  const probes = series.flatMap((one) => one.probes)
  const rates = probes.map(({ ratePerSecond }) => ratePerSecond)
  const values = [...probes.map(({ p99Ms }) => p99Ms), limitMs]
  const x = scaleLog([Math.min(...rates), Math.max(...rates)], [LEFT, WIDTH - RIGHT]).nice()
  const y = scaleLog([Math.min(...values), Math.max(...values)], [TOP + PLOT, TOP]).nice()
  const powers = (scale: typeof x) => scale.ticks().filter((tick) => Math.log10(tick) % 1 === 0)
  const bottom = TOP + PLOT
  const grid = [
    ...powers(x).flatMap((tick) => [
      element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: TOP, y2: bottom }),
      text(digits(tick), { class: 'soft', x: x(tick), y: bottom + 18, 'text-anchor': 'middle' }),
    ]),
    ...powers(y).flatMap((tick) => [
      element('line', { class: 'grid', x1: LEFT, x2: WIDTH - RIGHT, y1: y(tick), y2: y(tick) }),
      text(digits(tick), { class: 'soft', x: LEFT - 6, y: y(tick) + 4, 'text-anchor': 'end' }),
    ]),
  ]
  const limit = element('line', {
    class: 'limit',
    x1: LEFT,
    x2: WIDTH - RIGHT,
    y1: y(limitMs),
    y2: y(limitMs),
  })
  const path = line<Probe>(
    ({ ratePerSecond }) => x(ratePerSecond),
    ({ p99Ms }) => y(p99Ms),
  )
  const curves = series.flatMap(({ step, probes: own }) => [
    element('path', { d: path([...own]) ?? '', fill: 'none', stroke: colourOf(step), 'stroke-width': 1.5 }),
    ...own.map(({ ratePerSecond, p99Ms }) =>
      mark(
        step,
        x(ratePerSecond),
        y(p99Ms),
        `${STEP_LABELS[step]}: ${digits(ratePerSecond)}/s, ${digits(p99Ms)} ms`,
      ),
    ),
  ])
  const axes = [
    text('requests a second', { class: 'soft', x: WIDTH - RIGHT, y: bottom + 37, 'text-anchor': 'end' }),
    text('p99, ms', { class: 'soft', x: 0, y: bottom + 37 }),
  ]
  return drawing(title, TOP + PLOT + BOTTOM, ...grid, limit, ...curves, ...axes)
}

import { scaleLog } from 'd3-scale'
import { element, text } from '../../svg.ts'
import type { Step } from '../steps.ts'
import { digits } from './figures.ts'
import { mark } from './marks.ts'
import { drawing, WIDTH } from './svg.ts'

const [LABEL, RIGHT, ROW, TOP, BOTTOM] = [112, 26, 30, 6, 36]

/** Rows of one kind of thing, each with a mark for every step, on a logarithmic scale. */
export function dotPlot(options: {
  title: string
  unit: string
  rows: readonly { label: string; values: readonly { step: Step; value: number }[] }[]
}): string {
  const { title, unit, rows } = options
  const all = rows.flatMap(({ values }) => values.map(({ value }) => value)).filter((value) => value > 0)
  const x = scaleLog([Math.min(...all), Math.max(...all)], [LABEL, WIDTH - RIGHT]).nice()
  const height = TOP + rows.length * ROW + BOTTOM
  const bottom = TOP + rows.length * ROW
  const powers = x.ticks().filter((tick) => Math.log10(tick) % 1 === 0)
  const grid = powers.flatMap((tick) => [
    element('line', { class: 'grid', x1: x(tick), x2: x(tick), y1: TOP, y2: bottom }),
    text(digits(tick), { class: 'soft', x: x(tick), y: bottom + 15, 'text-anchor': 'middle' }),
  ])
  const lines = rows.flatMap(({ label, values }, index) => {
    const y = TOP + ROW * (index + 0.5)
    const xs = values.filter(({ value }) => value > 0).map(({ value }) => x(value))
    return [
      text(label, { x: LABEL - 10, y: y + 4, 'text-anchor': 'end' }),
      element('line', { class: 'grid', x1: Math.min(...xs), x2: Math.max(...xs), y1: y, y2: y }),
      ...values
        .filter(({ value }) => value > 0)
        .map(({ step, value }) => mark(step, x(value), y, `${label}: ${digits(value)} ${unit}`)),
    ]
  })
  const axis = text(unit, { class: 'soft', x: WIDTH - RIGHT, y: height - 5, 'text-anchor': 'end' })
  return drawing(title, height, ...grid, ...lines, axis)
}

import { scaleLinear } from 'd3-scale'
import { element, text } from '../../svg.ts'
import type { Step } from '../steps.ts'
import { STEP_LABELS } from '../steps.ts'
import { digits } from './figures.ts'
import { drawing, WIDTH } from './svg.ts'
import { colourOf } from './theme.ts'

const [LABEL, VALUE, ROW, THICK] = [118, 64, 26, 16]

/** One bar for each step, on a scale that begins at nothing. */
export function bars(options: {
  title: string
  unit: string
  values: readonly { step: Step; value: number }[]
}): string {
  const { title, unit, values } = options
  const x = scaleLinear([0, Math.max(...values.map(({ value }) => value))], [0, WIDTH - LABEL - VALUE])
  const rows = values.flatMap(({ step, value }, index) => {
    const y = ROW * index + (ROW - THICK) / 2
    return [
      text(STEP_LABELS[step], { x: LABEL - 8, y: y + 12, 'text-anchor': 'end' }),
      element('rect', {
        x: LABEL,
        y,
        width: Math.max(1, x(value)),
        height: THICK,
        rx: 2,
        fill: colourOf(step),
      }),
      text(`${digits(value)} ${unit}`.trim(), { x: LABEL + Math.max(1, x(value)) + 6, y: y + 12 }),
    ]
  })
  return drawing(title, ROW * values.length, ...rows)
}

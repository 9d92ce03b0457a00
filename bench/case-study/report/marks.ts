import {
  type SymbolType,
  symbol,
  symbolCircle,
  symbolDiamond,
  symbolSquare,
  symbolStar,
  symbolTriangle,
} from 'd3-shape'
import { escape as escaped } from 'html-escaper'
import { element } from '../../svg.ts'
import type { Step } from '../steps.ts'
import { colourOf } from './theme.ts'

const SHAPES: Record<Step, SymbolType> = {
  twin: symbolCircle,
  indexes: symbolSquare,
  batching: symbolTriangle,
  'field-cache': symbolDiamond,
  'response-cache': symbolStar,
}

/** A step's own shape in its own colour. */
export function mark(step: Step, x: number, y: number, title: string): string {
  return element(
    'path',
    {
      d: symbol(SHAPES[step], 70)() ?? '',
      transform: `translate(${x.toFixed(2)} ${y.toFixed(2)})`,
      fill: colourOf(step),
    },
    element('title', {}, escaped(title)),
  )
}

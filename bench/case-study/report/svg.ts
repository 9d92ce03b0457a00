import { drawing as drawingOf } from '../../svg.ts'
import { THEME } from './theme.ts'

/** Wide enough for a phone; what is wider scales it. */
export const WIDTH = 400

/** A drawing of this report. */
export const drawing = (title: string, height: number, ...children: string[]): string =>
  drawingOf({ title, width: WIDTH, height, style: THEME }, ...children)

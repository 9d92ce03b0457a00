import { toTable } from '../table.ts'
import { type Round, ratioOf } from './measure.ts'

/** What is compared with what: measured in turns, in the same rounds. */
const PAIRS = [
  ['READ', 'GET'],
  ['READ many', 'MGET'],
  ['INVALIDATE', 'DEL'],
  ['INVALIDATE, heard', 'DEL again'],
  ['INVALIDATE 3', 'DEL 3'],
  ['L1 hit', 'Redis hit'],
] as const

/** How many times the throughput, and the CPU for each, of the plain way ours has. */
export interface Ratio {
  readonly ours: string
  readonly plain: string
  readonly perSecond: number
  readonly cpuUs: number
}

export function compare(rounds: ReadonlyMap<string, readonly Round[]>): Ratio[] {
  return PAIRS.map(([ours, plain]) => {
    const [mine, base] = [rounds.get(ours)!, rounds.get(plain)!]
    return {
      ours,
      plain,
      perSecond: ratioOf('perSecond', mine, base),
      cpuUs: ratioOf('cpuUs', mine, base),
    }
  })
}

/** The figures of each, ours under what it is compared with. */
export function toComparison(figures: Readonly<Record<string, Round>>, ratios: readonly Ratio[]): string {
  const row = (name: string, perSecond = '', cpuUs = '') => {
    const figure = figures[name]!
    return [name, figure.perSecond.toFixed(0), perSecond, figure.cpuUs.toFixed(1), cpuUs]
  }
  const times = (ratio: number) => `${ratio < 10 ? ratio.toFixed(2) : ratio.toFixed(0)} x`
  const rows = ratios.flatMap(({ ours, plain, perSecond, cpuUs }) => [
    row(plain),
    row(ours, times(perSecond), times(cpuUs)),
  ])
  return toTable([['', 'per second', '', 'CPU, µs', ''], ...rows])
}

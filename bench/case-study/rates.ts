import { InvalidArgumentError } from 'commander'
import { positive } from '../option-values.ts'

/** Above it this machine would measure itself: every request that is under way is kept in memory. */
const MOST_PER_SECOND = 10_000

/** Of an option: the lowest first, for that is what "calm" is, whatever the order that they are given in. */
export const ratesOf = (text: string): number[] =>
  text
    .split(',')
    .map(rateOf)
    .sort((a, b) => a - b)

function rateOf(text: string): number {
  const value = positive(text)
  if (value <= MOST_PER_SECOND) return value
  throw new InvalidArgumentError(
    `at most ${MOST_PER_SECOND.toLocaleString('en')} arrivals in a second are expected`,
  )
}

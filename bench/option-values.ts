import { SCALES, type ScaleName } from '@freshet/seed'
import { InvalidArgumentError } from 'commander'

/** For an option that counts something: `1000` or `1_000`. */
export function count(text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (Number.isInteger(value) && value > 0) return value
  throw new InvalidArgumentError('a whole number above 0 is expected')
}

/** For one that measures something. */
export function positive(text: string): number {
  const value = Number(text)
  if (Number.isFinite(value) && value > 0) return value
  throw new InvalidArgumentError('a number above 0 is expected')
}

/** How much data. */
export function scale(text: string): ScaleName {
  if (Object.hasOwn(SCALES, text)) return text as ScaleName
  throw new InvalidArgumentError(`one of ${Object.keys(SCALES).join(', ')} is expected`)
}

/** For a list of names with commas between, in the order of `all`. */
export const someOf =
  <Name extends string>(all: readonly Name[]) =>
  (text: string): Name[] => {
    const names = text.split(',')
    if (names.every((name) => all.includes(name as Name))) return all.filter((name) => names.includes(name))
    throw new InvalidArgumentError(`some of ${all.join(',')} are expected`)
  }

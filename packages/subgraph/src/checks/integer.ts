import { badUserInput } from '../errors.ts'

/** What {@link boundedInt} accepts. */
export interface IntegerBounds {
  /** The argument's name, for the error. */
  argument: string
  min: number
  max: number
}

/**
 * The value, if it lies within the bounds (inclusive).
 * @throws GraphQLError `BAD_USER_INPUT`
 */
export function boundedInt(value: number, { argument, min, max }: IntegerBounds): number {
  if (Number.isInteger(value) && value >= min && value <= max) return value
  throw badUserInput(argument, `\`${argument}\` must be ${format(min)} to ${format(max)}, not ${value}`)
}

function format(bound: number): string {
  return bound.toLocaleString('en')
}

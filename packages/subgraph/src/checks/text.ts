import { badUserInput } from '../errors.ts'

/** What {@link boundedText} accepts. */
export interface TextBounds {
  /** The argument's name, for the error. */
  argument: string
  /** Characters (Unicode code points, as PostgreSQL counts them). With 1 or more, a text of white space only is refused. */
  min?: number
  /** Characters. */
  max: number
}

/**
 * The text, unchanged, if it has so many characters, and none that PostgreSQL can't store (NUL, or half of a
 * surrogate pair).
 * @throws GraphQLError `BAD_USER_INPUT`
 */
export function boundedText(value: string, { argument, min = 0, max }: TextBounds): string {
  const length = codePoints(value, max)
  if (length < min || length > max) {
    const range = min === 0 ? `at most ${max.toLocaleString('en')}` : `${min} to ${max.toLocaleString('en')}`
    throw badUserInput(argument, `\`${argument}\` must have ${range} characters`)
  }
  if (min > 0 && value.trim() === '') throw badUserInput(argument, `\`${argument}\` must not be blank`)
  if (value.includes('\0') || !value.isWellFormed()) {
    throw badUserInput(argument, `\`${argument}\` holds characters that are not text`)
  }
  return value
}

/** A text of over twice as many UTF-16 units has too many characters in any case: it is not counted out. */
function codePoints(value: string, max: number): number {
  if (value.length > max * 2) return value.length
  let count = 0
  for (const _ of value) count += 1
  return count
}

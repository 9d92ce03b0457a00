import { InvalidArgumentError } from 'commander'

/** For an option that counts something. */
export function positive(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a number above 0.')
  return count
}

/** For an option that may be nothing, too. */
export function wholeNumber(value: string): number {
  const count = Number(value)
  if (!/^\d+$/.test(value) || !Number.isSafeInteger(count))
    throw new InvalidArgumentError('It must be a whole number, 0 or more.')
  return count
}

const MOMENT =
  /^(?<year>\d{4})-(?<month>\d\d)-(?<day>\d\d)(T\d\d:\d\d(:\d\d(\.\d{1,3})?)?(Z|[+-]\d\d:\d\d))?$/

/** For an option that is a moment: a day (its first moment in UTC), or a time with its zone, for it must mean the same everywhere. */
export function moment(value: string): Date {
  const { year, month, day } = MOMENT.exec(value)?.groups ?? {}
  const time = new Date(value)
  // JavaScript takes the 30th of February for the 2nd of March.
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate()
  if (Number.isNaN(time.getTime()) || day === undefined || Number(day) > lastDay)
    throw new InvalidArgumentError('It must be a day or a time with its zone: 2026-11-23, 2026-11-23T18:00Z.')
  return time
}

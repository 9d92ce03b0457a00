import { GraphQLScalarType, Kind } from 'graphql'

const rfc3339 = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(\.\d{1,9})?([Zz]|[+-](\d\d):(\d\d))$/

/**
 * Reads an RFC 3339 date-time, strictly: a date that the calendar does not have is refused, not rolled over, and the
 * offset must be there. Digits beyond milliseconds are cut off.
 * @throws TypeError saying what is wrong
 */
export function parseDateTime(text: unknown): Date {
  const match = typeof text === 'string' ? rfc3339.exec(text) : null
  if (!match) throw new TypeError('an RFC 3339 date-time such as "2026-11-23T03:44:00.000Z" is expected')
  const [year, month, day, hour, minute, second] = match.slice(1, 7).map(Number) as Six
  const [offsetHour, offsetMinute] = [Number(match[9] ?? 0), Number(match[10] ?? 0)]
  const inCalendar = year > 0 && month >= 1 && month <= 12 && day >= 1 && day <= daysOf(year, month)
  const onClock = hour < 24 && minute < 60 && second < 60 && offsetHour < 24 && offsetMinute < 60
  if (!inCalendar || !onClock)
    throw new TypeError(`there is no such point in time as ${JSON.stringify(text)}`)
  return new Date(match[0].toUpperCase())
}

type Six = [number, number, number, number, number, number]

function daysOf(year: number, month: number): number {
  const leap = year % 4 === 0 && (year % 100 !== 0 || year % 400 === 0)
  return [31, leap ? 29 : 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31][month - 1]!
}

/** A row's value is a Date; one that has been through a cache as JSON is text again. */
function serialize(value: unknown): string {
  const date = value instanceof Date ? value : parseDateTime(value)
  return date.toISOString()
}

/**
 * The `DateTime` scalar: RFC 3339 in, a Date for resolvers, UTC with milliseconds out. createSubgraph adds it.
 * Errors are TypeErrors, so that graphql-js adds where the value stood.
 */
export const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize,
  parseValue: parseDateTime,
  parseLiteral: (node) => parseDateTime(node.kind === Kind.STRING ? node.value : undefined),
})

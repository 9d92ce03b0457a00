import { type Expression, type RawBuilder, sql } from 'kysely'

/**
 * The column types that a list can be ordered by. A column of any other type, or one that can be null, can't be:
 * `coalesce` it in an expression with an index of its own.
 */
export type KeysetType =
  | 'bigint'
  | 'integer'
  | 'numeric'
  | 'real'
  | 'double'
  | 'text'
  | 'uuid'
  | 'boolean'
  | 'date'
  | 'timestamptz'

/** How values of one type travel in a cursor: as text that loses nothing and that PostgreSQL can't fail to read. */
interface KeysetCodec {
  /** The column's value as text. */
  select(column: Expression<unknown>): RawBuilder<string>
  /** Whether {@link KeysetCodec.bind} of this text is safe to send: a client may have made it up. */
  accepts(text: string): boolean
  /** The text as a value of the column's type. */
  bind(text: string): RawBuilder<unknown>
}

const castText = (column: Expression<unknown>) => sql<string>`(${column})::text`

function integerBetween(min: bigint, max: bigint) {
  return (text: string) => /^-?\d{1,19}$/.test(text) && BigInt(text) >= min && BigInt(text) <= max
}

/** PostgreSQL refuses a float that it would round to zero or to infinity. */
function floatBetween(smallest: number, largest: number) {
  return (text: string) => {
    if (text.length > 40 || !/^-?\d+(\.\d+)?(e[+-]?\d{1,3})?$/.test(text)) return false
    const size = Math.abs(Number(text))
    return size <= largest && (size >= smallest || /^-?0+$/.test(text))
  }
}

/** The years 1 to 9999, which both PostgreSQL and toISOString write with four digits. */
const minMicros = BigInt(Date.parse('0001-01-01T00:00:00Z')) * 1000n
const maxMicros = BigInt(Date.parse('9999-12-31T00:00:00Z')) * 1000n

/** PostgreSQL counts microseconds; a JS Date would round them, and a page would lose or repeat rows. */
function microsToIso(text: string): string {
  const micros = BigInt(text)
  const fraction = ((micros % 1_000_000n) + 1_000_000n) % 1_000_000n
  const second = new Date(Number((micros - fraction) / 1000n)).toISOString().slice(0, 19)
  return `${second}.${fraction.toString().padStart(6, '0')}Z`
}

const codecs: Record<KeysetType, KeysetCodec> = {
  bigint: {
    select: castText,
    accepts: integerBetween(-(2n ** 63n), 2n ** 63n - 1n),
    bind: (text) => sql`${text}::bigint`,
  },
  integer: {
    select: castText,
    accepts: integerBetween(-(2n ** 31n), 2n ** 31n - 1n),
    bind: (text) => sql`${text}::integer`,
  },
  numeric: {
    select: castText,
    accepts: (text) => /^-?\d{1,100}(\.\d{1,100})?$/.test(text),
    bind: (text) => sql`${text}::numeric`,
  },
  // PostgreSQL prints floats with as many digits as it takes to read the very same value back.
  real: { select: castText, accepts: floatBetween(1e-45, 3.4028235e38), bind: (text) => sql`${text}::real` },
  double: {
    select: castText,
    accepts: floatBetween(Number.MIN_VALUE, Number.MAX_VALUE),
    bind: (text) => sql`${text}::double precision`,
  },
  text: { select: castText, accepts: (text) => !text.includes('\0'), bind: (text) => sql`${text}::text` },
  uuid: {
    select: castText,
    accepts: (text) => /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(text),
    bind: (text) => sql`${text}::uuid`,
  },
  boolean: {
    select: castText,
    accepts: (text) => text === 'true' || text === 'false',
    bind: (text) => sql`${text}::boolean`,
  },
  date: {
    select: (column) => sql<string>`((${column}) - date '1970-01-01')::text`,
    accepts: integerBetween(-700_000n, 2_900_000n),
    bind: (text) => sql`(date '1970-01-01' + ${text}::integer)`,
  },
  timestamptz: {
    select: (column) => sql<string>`(extract(epoch from ${column}) * 1000000)::bigint::text`,
    accepts: integerBetween(minMicros, maxMicros),
    bind: (text) => sql`${microsToIso(text)}::timestamptz`,
  },
}

/** The codec of a type. */
export function codecOf(type: KeysetType): KeysetCodec {
  return codecs[type]
}

import { badUserInput } from '../errors.ts'
import { boundedInt } from './integer.ts'

/** An amount of money: minor units and an ISO 4217 code. */
export interface Money {
  amount: number
  currency: string
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))
/** Fits PostgreSQL's and GraphQL's 32-bit integers with room for a sum of two. */
const maxAmount = 2_000_000_000

/** Whether this is an ISO 4217 code, upper case. */
export function isCurrency(code: string): boolean {
  return currencies.has(code)
}

/**
 * The money that a client gave, if it can be: 0 to 2,000,000,000 minor units of a known currency.
 * @throws GraphQLError `BAD_USER_INPUT` naming `<argument>.amount` or `<argument>.currency`
 */
export function moneyInput({ amount, currency }: Money, argument: string): Money {
  boundedInt(amount, { argument: `${argument}.amount`, min: 0, max: maxAmount })
  if (!isCurrency(currency)) {
    const name = `${argument}.currency`
    throw badUserInput(name, `\`${name}\` must be an ISO 4217 code in upper case, such as USD`)
  }
  return { amount, currency }
}

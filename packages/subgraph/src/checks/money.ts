import { badUserInput } from '../errors.ts'
import { boundedInt } from './integer.ts'

/** An amount of money: minor units and an ISO 4217 code. */
export interface Money {
  amount: number
  currency: string
}

const currencies: ReadonlySet<string> = new Set(Intl.supportedValuesOf('currency'))
/** The most of {@link Money}, in minor units: fits PostgreSQL's and GraphQL's 32-bit integers. */
export const maxAmount = 2_000_000_000

/**
 * The currency that a client gave, if it is an ISO 4217 code in upper case.
 * @throws GraphQLError `BAD_USER_INPUT`
 */
export function currencyInput(code: string, argument: string): string {
  if (currencies.has(code)) return code
  throw badUserInput(argument, `\`${argument}\` must be an ISO 4217 code in upper case, such as USD`)
}

/**
 * The money that a client gave, if it can be: 0 to 2,000,000,000 minor units of a known currency.
 * @throws GraphQLError `BAD_USER_INPUT` naming `<argument>.amount` or `<argument>.currency`
 */
export function moneyInput({ amount, currency }: Money, argument: string): Money {
  boundedInt(amount, { argument: `${argument}.amount`, min: 0, max: maxAmount })
  return { amount, currency: currencyInput(currency, `${argument}.currency`) }
}

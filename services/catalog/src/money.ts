/** An integer of minor units and an ISO 4217 code. */
export interface Money {
  amount: number
  currency: string
}

export function isSameMoney(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency
}

import type { Money } from '@freshet/subgraph'

export type { Money }

export function isSameMoney(a: Money, b: Money): boolean {
  return a.amount === b.amount && a.currency === b.currency
}

interface Price {
  readonly priceMinor: number | null
  readonly currency: string | null
}

/**
 * How far a price has fallen, in per cent, rounded down: 0 for a fall of less than 1 %. Null when it has
 * not fallen, or when either price is not known, or when they are in two currencies.
 */
export function priceDropPercent(then: Price, now: Price | null): number | null {
  if (now === null || then.priceMinor === null || now.priceMinor === null) return null
  if (then.currency !== now.currency || now.priceMinor >= then.priceMinor) return null
  // Multiplied first: both are below 2^31, so the product is exact.
  return Math.floor(((then.priceMinor - now.priceMinor) * 100) / then.priceMinor)
}

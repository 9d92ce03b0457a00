import type { Product } from './products.ts'

/** What products cost when something of them is written down: by an array, as a million objects would take too much. */
export interface Prices {
  remember(product: Product): void
  of(productId: number): [minor: number, currency: string]
}

/** @param products makes all of them once more, for a seed that goes on behind them */
export function createPrices(count: number, products: () => Iterable<Product>): Prices {
  const minor = new Int32Array(count + 1)
  const currencies = new Array<string>(count + 1)
  let known = 0
  function remember(product: Product): void {
    minor[product.id] = product.priceMinor
    currencies[product.id] = product.currency
    known = product.id
  }
  return {
    remember,
    of(productId) {
      if (known < count) for (const product of products()) remember(product)
      return [minor[productId] as number, currencies[productId] as string]
    },
  }
}

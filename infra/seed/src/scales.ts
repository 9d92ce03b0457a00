/** How many rows a seed makes. */
export interface Scale {
  products: number
  users: number
  events: number
}

export const SCALES = {
  /** For tests: every kind of row, in about a second. */
  xs: { products: 1_000, users: 200, events: 10_000 },
  s: { products: 20_000, users: 2_000, events: 300_000 },
  m: { products: 200_000, users: 20_000, events: 3_000_000 },
  l: { products: 1_000_000, users: 200_000, events: 30_000_000 },
} as const satisfies Record<string, Scale>

export type ScaleName = keyof typeof SCALES

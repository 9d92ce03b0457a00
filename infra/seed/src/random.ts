import { randomLcg, randomLogNormal, randomNormal, randomPoisson } from 'd3-random'

/** Draws that depend on nothing but the seed. A generator that adds a draw changes only its own stream. */
export interface Random {
  /** Uniform in [0, 1). */
  unit(): number
  /** Uniform integer in [from, to]. */
  integer(from: number, to: number): number
  chance(probability: number): boolean
  pick<T>(values: readonly T[]): T
  /** `count` different values, in random order; all of them if there are fewer. */
  sample<T>(values: readonly T[], count: number): T[]
  logNormal(mu: number, sigma: number): number
  normal(mean: number, deviation: number): number
  poisson(mean: number): number
}

/** A stream of its own for each name, so that streams don't shift one another. */
export function createRandom(seed: number, stream: string): Random {
  const unit = randomLcg(hash(`${seed}:${stream}`) / 2 ** 32)
  // The first draws of a linear congruential generator lie close together for close seeds.
  for (let i = 0; i < 16; i++) unit()
  const logNormal = randomLogNormal.source(unit)
  const normal = randomNormal.source(unit)
  const poisson = randomPoisson.source(unit)
  const integer = (from: number, to: number) => from + Math.floor(unit() * (to - from + 1))
  return {
    unit,
    integer,
    chance: (probability) => unit() < probability,
    pick: (values) => values[integer(0, values.length - 1)] as (typeof values)[number],
    sample(values, count) {
      const rest = [...values]
      const chosen: typeof rest = []
      while (chosen.length < count && rest.length > 0)
        chosen.push(...rest.splice(integer(0, rest.length - 1), 1))
      return chosen
    },
    logNormal: (mu, sigma) => logNormal(mu, sigma)(),
    normal: (mean, deviation) => normal(mean, deviation)(),
    poisson: (mean) => poisson(mean)(),
  }
}

/**
 * Draws ranks 0 to `count - 1`, the first most often: rank k with weight 1 / (k + 1)^exponent (Zipf's law,
 * which is how attention spreads over a shop's products).
 */
export function createZipf(
  count: number,
  exponent: number,
): { weight: (rank: number) => number; draw: (random: Random) => number } {
  const weight = (rank: number) => 1 / (rank + 1) ** exponent
  const cumulative = new Float64Array(count)
  let sum = 0
  for (let rank = 0; rank < count; rank++) {
    sum += weight(rank)
    cumulative[rank] = sum
  }
  return {
    weight,
    draw(random) {
      const target = random.unit() * sum
      let low = 0
      let high = count - 1
      while (low < high) {
        const middle = (low + high) >> 1
        if ((cumulative[middle] as number) < target) low = middle + 1
        else high = middle
      }
      return low
    },
  }
}

/** FNV-1a, 32 bits: the same on every machine. */
export function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  return value >>> 0
}

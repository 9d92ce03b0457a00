import type { Random } from '@freshet/seed'

/**
 * When requests arrive, in milliseconds from the start: as a Poisson process, as they do when many people decide for
 * themselves. Whether earlier ones are answered makes no difference to it.
 */
export function poissonArrivals(ratePerSecond: number, seconds: number, random: Random): number[] {
  const arrivals: number[] = []
  let atMs = 0
  for (;;) {
    atMs -= (Math.log(1 - random.unit()) * 1_000) / ratePerSecond
    if (atMs >= seconds * 1_000) return arrivals
    arrivals.push(atMs)
  }
}

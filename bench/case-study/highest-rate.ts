/** What came of one rate. */
export interface Probe {
  readonly ratePerSecond: number
  readonly p99Ms: number
  readonly failed: number
  readonly isHeld: boolean
}

/** The highest arrival rate that a side holds. */
export interface HighestRate {
  /** Null when it does not hold the least one. */
  readonly ratePerSecond: number | null
  /** Every rate that was tried, ascending. */
  readonly probes: readonly Probe[]
}

/** How often the gap between the highest rate held and the lowest one not held is halved. */
const REFINEMENTS = 2

/**
 * Doubles the rate while it is held, or halves it until it is, and then narrows the gap, in ratios.
 *
 * @param options.start tried first
 * @param options.least below this nothing is tried
 */
export async function findHighestRate(
  probe: (ratePerSecond: number) => Promise<Probe>,
  { start, least, most }: { start: number; least: number; most: number },
): Promise<HighestRate> {
  const probes: Probe[] = []
  const isHeld = async (rate: number) => {
    const result = await probe(rate)
    probes.push(result)
    return result.isHeld
  }

  let held: number | null = null
  let missed: number | null = null
  for (let rate = start; rate >= least && rate <= most; rate = held === null ? rate / 2 : rate * 2) {
    if (await isHeld(rate)) held = rate
    else missed = rate
    if (held !== null && missed !== null) break
  }
  for (let i = 0; i < REFINEMENTS && held !== null && missed !== null; i++) {
    const rate = Math.sqrt(held * missed)
    if (await isHeld(rate)) held = rate
    else missed = rate
  }
  return { ratePerSecond: held, probes: probes.sort((a, b) => a.ratePerSecond - b.ratePerSecond) }
}

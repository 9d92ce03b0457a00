/** How long a group of requests took. */
export interface Latencies {
  readonly count: number
  readonly failed: number
  readonly p50Ms: number
  readonly p95Ms: number
  readonly p99Ms: number
}

/** What a failed request counts as: as long as a client would have waited. */
export const PATIENCE_MS = 10_000

export function latenciesOf(samples: readonly { latencyMs: number; ok: boolean }[]): Latencies {
  const sorted = samples.map(({ latencyMs, ok }) => (ok ? latencyMs : PATIENCE_MS)).sort((a, b) => a - b)
  return {
    count: samples.length,
    failed: samples.filter(({ ok }) => !ok).length,
    p50Ms: percentile(sorted, 50),
    p95Ms: percentile(sorted, 95),
    p99Ms: percentile(sorted, 99),
  }
}

/** The smallest value that is not below `percent` of all (nearest rank); NaN of none. */
export function percentile(ascending: readonly number[], percent: number): number {
  return ascending[Math.max(0, Math.ceil((percent / 100) * ascending.length) - 1)] ?? Number.NaN
}

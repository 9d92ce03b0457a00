/** One line of Prometheus' text format. */
export interface Sample {
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

/** The samples of a `/metrics` answer; comments and lines that are none are left out. */
export function parseSamples(text: string): Sample[] {
  return [...text.matchAll(/^([a-z_:][\w:]*)(?:\{(.*)\})? (\S+)/gim)].map(([, name, labels = '', value]) => ({
    name: name!,
    labels: Object.fromEntries(
      [...labels.matchAll(/(\w+)="((?:[^"\\]|\\.)*)"/g)].map(([, key, text]) => [key!, text!]),
    ),
    value: Number(value),
  }))
}

/** The sum over all samples of a name that have these labels. */
export function sumOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>> = {},
): number {
  return samples
    .filter((sample) => sample.name === name && hasLabels(sample, labels))
    .reduce((sum, { value }) => sum + value, 0)
}

/**
 * A quantile of a histogram, in its unit, by the rule of Prometheus' `histogram_quantile`: within a bucket it is taken to be
 * spread evenly, and above the last one it is that bucket's bound. Null if nothing was recorded.
 */
export function quantileOf(
  samples: readonly Sample[],
  name: string,
  labels: Readonly<Record<string, string>>,
  quantile: number,
): number | null {
  const buckets = new Map<number, number>()
  for (const sample of samples) {
    if (sample.name !== `${name}_bucket` || !hasLabels(sample, labels)) continue
    const bound = Number(sample.labels.le?.replace('+Inf', 'Infinity'))
    buckets.set(bound, (buckets.get(bound) ?? 0) + sample.value)
  }
  const sorted = [...buckets].sort(([a], [b]) => a - b)
  const rank = quantile * (sorted.at(-1)?.[1] ?? 0)
  if (rank === 0) return null
  let [lower, below] = [0, 0]
  for (const [bound, count] of sorted) {
    if (count >= rank)
      return bound === Number.POSITIVE_INFINITY
        ? lower
        : lower + ((bound - lower) * (rank - below)) / (count - below)
    ;[lower, below] = [bound, count]
  }
  return lower
}

const hasLabels = (sample: Sample, labels: Readonly<Record<string, string>>) =>
  Object.entries(labels).every(([key, value]) => sample.labels[key] === value)

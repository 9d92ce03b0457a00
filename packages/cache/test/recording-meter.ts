import { type MeterProvider, metrics } from '@opentelemetry/api'

type Attributes = Record<string, string>
interface Observing {
  name: string
  callback: (result: { observe: (value: number, attributes: Attributes) => void }) => void
}

/**
 * Counts what instruments made from now on are told, by their name and attributes (`domain` left out). To be begun
 * before the cache is made; durations are counted, not added up.
 */
export function recordMetrics() {
  const counted: Record<string, number> = {}
  const observing: Observing[] = []

  function key(name: string, attributes: Attributes = {}): string {
    const labels = Object.entries(attributes).filter(([label]) => label !== 'domain')
    return [name, ...labels.map(([, text]) => text)].join(' ')
  }
  function add(name: string, value: number, attributes?: Attributes): void {
    const all = key(name, attributes)
    counted[all] = (counted[all] ?? 0) + value
  }
  const observable = (name: string) => ({
    addCallback: (callback: Observing['callback']) => void observing.push({ name, callback }),
    removeCallback: () => undefined,
  })
  const meter = {
    createCounter: (name: string) => ({
      add: (value: number, attributes: Attributes) => add(name, value, attributes),
    }),
    createHistogram: (name: string) => ({
      record: (_: number, attributes: Attributes) => add(name, 1, attributes),
    }),
    createGauge: () => ({ record: () => undefined }),
    createObservableCounter: observable,
    createObservableGauge: observable,
  }
  metrics.setGlobalMeterProvider({ getMeter: () => meter } as unknown as MeterProvider)

  return {
    /** What was counted so far; what is observed, as it is now. */
    now(): Record<string, number> {
      const all = { ...counted }
      for (const { name, callback } of observing) {
        callback({
          observe(value, attributes) {
            const label = key(name, attributes)
            all[label] = (all[label] ?? 0) + value
          },
        })
      }
      return all
    },
    stop: () => metrics.disable(),
  }
}

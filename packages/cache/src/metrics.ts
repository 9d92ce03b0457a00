import { metrics } from '@opentelemetry/api'

/**
 * How a read of one key ended. `stale`: served while it is refreshed, after its TTL or by a soft policy. `joined`: answered by
 * a load of another request in this process that began late enough; `waited`: by one of another process. `corrupt`: an
 * entry that can't be decoded, loaded again. `bypass`: Redis could not be asked.
 */
export type ReadOutcome =
  | 'hit'
  | 'negative_hit'
  | 'stale'
  | 'miss'
  | 'joined'
  | 'waited'
  | 'corrupt'
  | 'bypass'

/**
 * How the wait for another process's load ended: it `filled` the entry; the lease was given back, so this process `led`; or
 * this process has waited long enough, and `gave_up`: it loads too.
 */
export type WaitOutcome = 'filled' | 'led' | 'gave_up'

/** How storing one value ended; all but `stored` only cost the next reader a load. */
export type FillOutcome =
  | 'stored'
  | 'refused'
  | 'newer'
  | 'too_large'
  | 'bad_tags'
  | 'not_plain_data'
  | 'error'

/**
 * The counters of one domain, through the OpenTelemetry API: without an SDK they do nothing.
 * Made when the cache is made, so an SDK has to be registered before.
 */
export function createCacheMetrics(domain: string) {
  const meter = metrics.getMeter('@freshet/cache')
  const reads = meter.createCounter('freshet.cache.reads', { description: 'Keys read, by outcome' })
  const fills = meter.createCounter('freshet.cache.fills', {
    description: 'Values stored or not, by outcome',
  })
  const invalidations = meter.createCounter('freshet.cache.invalidations', {
    description: 'Invalidations, by outcome',
  })
  const waits = meter.createCounter('freshet.cache.lease_waits', {
    description: 'Keys for which a load of another process was waited for, by outcome',
  })
  const refreshes = meter.createCounter('freshet.cache.refreshes', {
    description: 'Values loaded anew before anyone missed them, by outcome',
  })
  const errors = meter.createCounter('freshet.cache.errors', {
    description: 'Failed calls of Redis, by operation',
  })
  const lives = meter.createCounter('freshet.cache.lives', {
    description: 'Times that all entries ended at once, by reason',
  })
  const unsafe = meter.createGauge('freshet.cache.unsuitable_eviction_policy', {
    description: '1 if Redis may evict the fence (maxmemory-policy allkeys-*)',
  })
  return {
    read: (policy: string, outcome: ReadOutcome, count: number) => {
      if (count > 0) reads.add(count, { domain, policy, outcome })
    },
    fill: (policy: string, outcome: FillOutcome, count = 1) => fills.add(count, { domain, policy, outcome }),
    wait: (policy: string, outcome: WaitOutcome, count: number) => {
      if (count > 0) waits.add(count, { domain, policy, outcome })
    },
    refresh: (policy: string, outcome: 'loaded' | 'failed', count: number) =>
      refreshes.add(count, { domain, policy, outcome }),
    invalidation: (outcome: 'acknowledged' | 'failed' | 'repeated') =>
      invalidations.add(1, { domain, outcome }),
    error: (operation: string) => errors.add(1, { domain, operation }),
    life: (reason: 'redis_changed' | 'cleared') => lives.add(1, { domain, reason }),
    unsuitableEvictionPolicy: (is: boolean) => unsafe.record(is ? 1 : 0, { domain }),
  }
}

export type CacheMetrics = ReturnType<typeof createCacheMetrics>

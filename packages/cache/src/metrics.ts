import { metrics, type ObservableResult, trace } from '@opentelemetry/api'

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

/** What answered: this process, Redis, or the load. */
export type Level = 'l1' | 'redis' | 'load'

function levelOf(outcome: ReadOutcome): Level {
  return outcome === 'hit' || outcome === 'negative_hit' || outcome === 'stale' || outcome === 'waited'
    ? 'redis'
    : 'load'
}

/**
 * How the wait for another process's load ended: it `filled` the entry; the lease was given back, so this process `led`; or
 * this process has waited long enough, and `gave_up`: it loads too. That also where the load is one of this process.
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

interface Tally {
  readonly policy: string
  readonly outcome: ReadOutcome
  readonly level: Level
  count: number
}

/**
 * The counters of one domain, through the OpenTelemetry API: without an SDK they do nothing.
 * Made when the cache is made, so an SDK has to be registered before.
 */
export function createCacheMetrics(domain: string) {
  const meter = metrics.getMeter('@freshet/cache')
  // Observed, not added: a hit in L1 takes less time than adding to a counter.
  const reads = meter.createObservableCounter('freshet.cache.reads', {
    description: 'Keys read, by outcome, and by the level that answered',
  })
  const tallies = new Map<string, Tally>()
  const observeReads = (result: ObservableResult) => {
    for (const { policy, outcome, level, count } of tallies.values())
      if (count > 0) result.observe(count, { domain, policy, outcome, level })
  }
  reads.addCallback(observeReads)
  /** Where a hot path counts by itself. */
  function tally(policy: string, outcome: ReadOutcome, level: Level): Tally {
    const name = `${policy} ${outcome} ${level}`
    const known = tallies.get(name)
    if (known) return known
    const one = { policy, outcome, level, count: 0 }
    tallies.set(name, one)
    return one
  }
  const l1Bytes = meter.createObservableGauge('freshet.cache.l1_bytes', {
    description: 'What L1 holds, about, in bytes',
    unit: 'By',
  })
  let bytesOfL1 = () => 0
  const observeBytes = (result: ObservableResult) => result.observe(bytesOfL1(), { domain })
  const invalidationSeconds = meter.createHistogram('freshet.cache.invalidation.duration', {
    description: 'From the call of invalidate() to the acknowledgement by Redis',
    unit: 's',
    advice: {
      explicitBucketBoundaries: [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1],
    },
  })
  const fills = meter.createCounter('freshet.cache.fills', {
    description: 'Values stored or not, by outcome',
  })
  const invalidations = meter.createCounter('freshet.cache.invalidations', {
    description: 'Invalidations, by outcome',
  })
  const waits = meter.createCounter('freshet.cache.lease_waits', {
    description:
      'Keys for which a load of another process was waited for, or for too long one of this process, by outcome',
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
  const outliving = meter.createGauge('freshet.cache.may_outlive_its_reign', {
    description: '1 if a replaced Redis would go on answering (it has replicas, min-replicas-to-write is 0)',
  })
  return {
    /** Counts the reads of one policy. */
    readsOf(policy: string): (outcome: ReadOutcome, count: number) => void {
      const own: Partial<Record<ReadOutcome, Tally>> = {}
      return (outcome, count) => {
        if (count === 0) return
        own[outcome] ??= tally(policy, outcome, levelOf(outcome))
        own[outcome].count += count
        // No span of Redis tells of what was not asked: whoever wonders about the SQL in a trace finds it here.
        if (outcome === 'bypass')
          trace.getActiveSpan()?.addEvent('freshet.cache.bypass', { domain, policy, count })
      }
    },
    tally,
    observeL1Bytes(bytes: () => number) {
      bytesOfL1 = bytes
      l1Bytes.addCallback(observeBytes)
    },
    fill: (policy: string, outcome: FillOutcome, count = 1) => fills.add(count, { domain, policy, outcome }),
    wait: (policy: string, outcome: WaitOutcome, count: number) => {
      if (count > 0) waits.add(count, { domain, policy, outcome })
    },
    refresh: (policy: string, outcome: 'loaded' | 'failed', count: number) =>
      refreshes.add(count, { domain, policy, outcome }),
    invalidation: (outcome: 'acknowledged' | 'failed' | 'repeated') =>
      invalidations.add(1, { domain, outcome }),
    invalidationTook: (ms: number) => invalidationSeconds.record(ms / 1000, { domain }),
    error: (operation: string) => errors.add(1, { domain, operation }),
    life: (reason: 'redis_changed' | 'cleared') => lives.add(1, { domain, reason }),
    close() {
      reads.removeCallback(observeReads)
      l1Bytes.removeCallback(observeBytes)
    },
    unsuitableEvictionPolicy: (is: boolean) => unsafe.record(is ? 1 : 0, { domain }),
    mayOutliveItsReign: (is: boolean) => outliving.record(is ? 1 : 0, { domain }),
  }
}

export type CacheMetrics = ReturnType<typeof createCacheMetrics>

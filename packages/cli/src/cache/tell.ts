import type { DomainStats, EntryDescription, TagDescription } from '@freshet/cache/inspect'

/** What a domain holds, for people. */
export function tellStats(
  domain: string,
  { policies, fence, subscribers }: DomainStats,
  now: number,
): string {
  const bytes = policies.reduce((sum, policy) => sum + policy.bytes, 0)
  const entries = policies.reduce((sum, policy) => sum + policy.entries, 0)
  const lines = [
    `${domain}: ${count(entries, 'entry', 'entries')}, ${size(bytes)}; ${count(fence.tags, 'tag', 'tags')} remembered (${size(fence.bytes)}), ${fence.tags === 0 ? 'nothing invalidated yet' : `the last invalidation ${ago(fence.lastInvalidatedAt, now)}`}${subscribers > 0 ? `; ${count(subscribers, 'process listens', 'processes listen')} for L1` : ''}`,
  ]
  if (fence.carried) lines.push(`  follows ${fence.carried}`)
  const widest = Math.max(...policies.map(({ policy }) => policy.length), 0)
  for (const { policy, entries: own, bytes: ownBytes, states } of policies) {
    const shown = Object.entries(states).map(([state, n]) => `${wordFor(state)} ${n}`)
    lines.push(
      `  ${policy.padEnd(widest)}  ${String(own).padStart(8)}  ${size(ownBytes).padStart(9)}  ${shown.join(', ')}`,
    )
  }
  return lines.join('\n')
}

/** What one entry is, whether it would be served, and why not. */
export function tellEntry(domain: string, name: string, found: EntryDescription, now: number): string {
  const { state, isHit, bytes, ttlMs, entry } = found
  const lines = [
    `${domain} ${name}: ${wordFor(state)}${isHit ? ', served' : ', not served: the next read loads it'} (${size(bytes)}${ttlMs === null ? '' : `, ${duration(ttlMs)} left in Redis`})`,
  ]
  if (entry === undefined) return lines.join('\n')
  const loaded = new Date(Math.floor(Number(entry.stamp) / 1_000))
  lines.push(
    `  fresh until ${entry.softExpiry.toISOString()}; read at sequence ${entry.stamp} (${ago(loaded, now)}), loaded in ${entry.loadMs} ms`,
  )
  for (const { tag, lastInvalidatedAt, ended } of entry.tags)
    lines.push(
      `  tag ${tag}: ${lastInvalidatedAt === null ? 'not invalidated that is remembered' : `invalidated ${ago(lastInvalidatedAt, now)}`}${ended ? ', after it was read: ended by it' : ''}`,
    )
  lines.push(`  ${entry.text === null ? 'there is no such row' : entry.text.trim()}`)
  return lines.join('\n')
}

/** When a tag was last invalidated in a domain, and what depends on it there. */
export function tellTag(domain: string, found: TagDescription, now: number): string {
  const { tag, lastInvalidatedAt, lastSequence, dependents, truncated } = found
  const lines = [
    `${domain} ${tag}: ${lastInvalidatedAt === null ? 'not invalidated that is remembered' : `invalidated ${ago(lastInvalidatedAt, now)} (sequence ${lastSequence})`}; ${truncated ? `more than ${dependents.length}` : dependents.length} ${dependents.length === 1 ? 'entry depends' : 'entries depend'} on it`,
  ]
  for (const { redisKey, state } of dependents) lines.push(`  ${wordFor(state).padEnd(12)} ${redisKey}`)
  return lines.join('\n')
}

const words: Readonly<Record<string, string>> = {
  past_ttl: 'past its TTL',
  other_life: 'of an earlier life',
  leased: 'being loaded',
  not_storable: 'not storable',
}
const wordFor = (state: string) => words[state] ?? state

const count = (n: number, one: string, many: string) => `${n.toLocaleString('en')} ${n === 1 ? one : many}`

function size(bytes: number): string {
  if (bytes < 1_024) return `${bytes} B`
  return bytes < 1_048_576 ? `${(bytes / 1_024).toFixed(1)} KiB` : `${(bytes / 1_048_576).toFixed(1)} MiB`
}

function ago(at: Date | null, now: number): string {
  return at === null ? 'never' : `${duration(Math.max(now - at.getTime(), 0))} ago`
}

function duration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  if (ms < 120_000) return `${(ms / 1_000).toFixed(1)} s`
  return ms < 7_200_000 ? `${Math.round(ms / 60_000)} min` : `${Math.round(ms / 3_600_000)} h`
}

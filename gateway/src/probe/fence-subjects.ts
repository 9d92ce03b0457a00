import { TAGS_PER_SCRIPT, type TagFence } from '@freshet/cache/inspect'
import { invalidatedTags, qualifiedTags, serviceTag } from '@freshet/cache/outer-tags'
import type { CloudEvent, Invalidated } from '@freshet/events'
import type { Fences } from './fences.ts'
import type { Look, Subject } from './subject.ts'

/**
 * The two levels whose fences tell whether they have followed an invalidation: the cache of its service, which was clean before
 * it said so, and the gateway's. Entries need not be looked at: what the fence has ended is not served.
 *
 * All domains lie in one Redis, so all sequences are times of one clock, in µs.
 */
export function fenceSubjects(
  fences: Fences,
  gatewayDomain: string,
  service: string,
  event: CloudEvent<Invalidated>,
): Subject[] {
  const { domain, sequence } = event.data
  // Of more tags than that only the last is known to have this sequence.
  const tags = event.data.tags.length > TAGS_PER_SCRIPT ? event.data.tags.slice(-1) : event.data.tags
  const own = qualifiedTags(service, tags)
  const outer = invalidatedTags(service, tags)
  // By which the gateway ends very many tags at once.
  const all = serviceTag(service)
  const about = { sequence, event: event.id, ...traceOf(event) }
  const common = { service, tags, about }
  return [
    {
      ...common,
      level: 'field',
      look: lookAt({ fences, domain, tags, sequence }, (fence) => ({
        isClean: tags.every((tag) => reached(fence.lastOf(tag), sequence)),
        found: lastOf(fence, tags),
      })),
    },
    {
      ...common,
      level: 'gateway',
      look: lookAt({ fences, domain: gatewayDomain, tags: [...outer, all], sequence }, (fence) => {
        const carried = fence.carried[service] ?? null
        const hasEnded = (tag: string) => reached(fence.lastOf(tag), sequence)
        const isClean = reached(carried, sequence) && (hasEnded(all) || outer.every(hasEnded))
        const found = { carried, ...lastOf(fence, own) }
        if (!isClean) return { isClean, found }
        // Not by the tags of whole kinds, which every change of the kind moves on.
        const ended = outer.every(hasEnded) ? own : [all]
        const lateUs = ended.map((tag) => Number(fence.lastOf(tag)) - Number(sequence))
        return { isClean, found, stalenessMs: Math.max(0, ...lateUs) / 1_000 }
      }),
    },
  ]
}

/**
 * Looks at a domain for as long as it is the one that the change was made in. When its history begins anew, everything of before
 * has ended: that is clean.
 */
function lookAt(
  at: { fences: Fences; domain: string; tags: readonly string[]; sequence: string },
  judge: (fence: TagFence) => { isClean: boolean; stalenessMs?: number; found: Look['found'] },
): () => Promise<Look> {
  const { fences, domain, tags, sequence } = at
  let life = fences.lifeOf(domain)
  return async () => {
    const fence = await fences.read(domain, tags)
    if (life !== undefined && fence.life !== life) return { outcome: 'clean', found: { life: fence.life } }
    // A mistyped domain has no history either, and must not look clean.
    if (fence.life === null) return { outcome: 'unknown', found: { problem: `there is no domain ${domain}` } }
    life = fence.life
    if (reached(fence.floor, sequence)) return { outcome: 'clean', found: { floor: fence.floor } }
    const { isClean, ...rest } = judge(fence)
    return { outcome: isClean ? 'clean' : 'stale', ...rest }
  }
}

/** The trace that made the change: `freshet trace ID` shows it, up to where it has got. */
export function traceOf({ traceparent }: CloudEvent): { trace_id?: string } {
  const id = traceparent?.split('-')[1]
  return id === undefined ? {} : { trace_id: id }
}

const reached = (last: string | null | undefined, sequence: string) => Number(last ?? 0) >= Number(sequence)

/** What a log line has room for. */
const SHOWN = 20

const lastOf = (fence: TagFence, tags: readonly string[]) => ({
  last: Object.fromEntries(tags.slice(0, SHOWN).map((tag) => [tag, fence.lastOf(tag)])),
})

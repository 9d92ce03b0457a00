import { isTag } from './tags.ts'

export { isTag } from './tags.ts'

/**
 * An outer level's names for what the answers of inner ones depend on: `catalog/product:1` is catalog's tag `product:1`. Two
 * services may both have a `product`; only whoever owns a tag can invalidate it.
 *
 * A tag that can't be held with the service's name before it (too long, or none of @freshet/cache at all) stands for
 * everything of the service: its entries have that tag anyway, and its invalidation ends them.
 */
export function qualifiedTags(service: string, tags: readonly string[]): string[] {
  return tags.map((tag) => (isTag(`${service}/${tag}`) ? `${service}/${tag}` : serviceTag(service)))
}

/** On everything that a service had a part in: for a change of nobody knows what. */
export function serviceTag(service: string): string {
  return `${service}/*`
}

/**
 * The tags of an invalidation: each stands for its kind as well, for the entries that depend on too many of a kind
 * to name them (see {@link boundedTags}).
 */
export function invalidatedTags(service: string, tags: readonly string[]): string[] {
  return withKinds(qualifiedTags(service, tags))
}

/** Qualified tags, and what stands for many of their kind. */
export function withKinds(qualified: readonly string[]): string[] {
  return [...new Set([...qualified, ...qualified.flatMap((tag) => kindOf(tag) ?? [])])]
}

/**
 * At most `most` tags that stand for all of `tags`: where there are more, the largest kinds are named as a whole
 * (`catalog/product:*`). Such an entry ends with the change of any product: too early, never too late. Null where
 * there are too many kinds: then it can't be kept.
 */
export function boundedTags(tags: Iterable<string>, most: number): string[] | null {
  const bounded = new Set(tags)
  while (bounded.size > most) {
    const kinds = Map.groupBy(bounded, (tag) => kindOf(tag) ?? tag)
    const [kind, members] = [...kinds].reduce((a, b) => (b[1].length > a[1].length ? b : a))
    if (members.length === 1) return null
    for (const tag of members) bounded.delete(tag)
    bounded.add(kind)
  }
  return [...bounded]
}

/** `catalog/product:*` of `catalog/product:1`; undefined of a tag that names no single thing. */
function kindOf(tag: string): string | undefined {
  const end = tag.indexOf(':')
  return end === -1 || tag.endsWith(':*') ? undefined : `${tag.slice(0, end)}:*`
}

import { isTag } from '@freshet/cache/outer-tags'
import type { EventDefinition, NewEvent } from '@freshet/events'

/** What one of a service's own events makes untrue in the service's own cache. */
export interface Invalidation {
  readonly event: EventDefinition
  /** @throws ZodError if it is not the event's data */
  readonly tagsOf: (data: unknown) => readonly string[]
  /** Of every entry that any such event can concern: for one that can't be read. */
  readonly coarseTags: readonly string[]
}

/** What {@link defineInvalidation} pairs an event with. */
export interface InvalidationTags<Data> {
  readonly tagsOf: (data: Data) => readonly string[]
  readonly coarseTags: readonly [string, ...string[]]
}

/** A row of a service's table of invalidations. Writes and the self-invalidator both read that table alone. */
export function defineInvalidation<Data>(
  event: EventDefinition<Data>,
  { tagsOf, coarseTags }: InvalidationTags<Data>,
): Invalidation {
  return { event, tagsOf: (data) => tagsOf(event.data.parse(data)), coarseTags }
}

/**
 * The distinct tags that these events make untrue.
 *
 * @throws TypeError for an event that the table does not have, or a tag that no cache can hold: call it before the COMMIT
 */
export function tagsOfEvents(
  invalidations: readonly Invalidation[],
  // biome-ignore lint/suspicious/noExplicitAny: each element pairs its own event with its own data
  events: readonly Pick<NewEvent<any>, 'event' | 'data'>[],
): string[] {
  const tags = events.flatMap(({ event: { type }, data }) => {
    const invalidation = invalidations.find(({ event }) => event.type === type)
    if (!invalidation) throw new TypeError(`No tags are known for ${type}: add it to the service's table`)
    return invalidation.tagsOf(data)
  })
  for (const tag of tags) {
    if (!isTag(tag)) throw new TypeError(`${JSON.stringify(tag)} is no tag that a cache can hold`)
  }
  return [...new Set(tags)]
}

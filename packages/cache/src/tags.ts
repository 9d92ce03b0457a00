import { CacheContractError } from './errors.ts'

const MAX_TAG_LENGTH = 200

/**
 * The distinct tags of `tags`, checked.
 *
 * Entries keep their tags separated by spaces, and the fence keeps its own fields beside the tags under names
 * that begin with a dot: so neither may appear in a tag.
 *
 * @throws {@link CacheContractError} for an empty, too long, or otherwise impossible tag.
 */
export function distinctTags(tags: readonly string[]): string[] {
  const distinct = new Set<string>()
  for (const tag of tags) {
    if (!isTag(tag)) {
      throw new CacheContractError(
        `Not a cache tag: ${JSON.stringify(tag)} (1 to ${MAX_TAG_LENGTH} characters, no white space or control characters, no dot in front)`,
      )
    }
    distinct.add(tag)
  }
  return [...distinct]
}

/** Whether a domain can hold it. */
export function isTag(tag: unknown): tag is string {
  return (
    typeof tag === 'string' &&
    tag.length > 0 &&
    tag.length <= MAX_TAG_LENGTH &&
    /^[^.\s\p{Cc}][^\s\p{Cc}]*$/u.test(tag) &&
    tag.isWellFormed()
  )
}

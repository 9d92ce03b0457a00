/** What a write of a subgraph has replaced, by the subgraph's own tags; `all`: whatever it had a part in. */
export type ReplacedTags = readonly string[] | 'all'

/** A write that a subgraph has committed, and invalidated in its own cache. */
export interface CommittedWrite {
  readonly service: string
  readonly tags: ReplacedTags
  /** Null when the subgraph's Redis did not acknowledge its invalidation. */
  readonly sequence: string | null
}

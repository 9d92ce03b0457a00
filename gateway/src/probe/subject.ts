/** What is looked at: `field` is the service's own cache, `gateway` what the gateway keeps, `answer` what a client gets. */
export type Level = 'field' | 'gateway' | 'answer'

/** `unknown`: the level could not be asked. It is never counted as clean. */
export type Outcome = 'clean' | 'stale' | 'unknown'

/** One look at a level. */
export interface Look {
  readonly outcome: Outcome
  /** Of a clean one: for how long the level was behind, at most. Absent where that can't be told. */
  readonly stalenessMs?: number
  /** What was found, or why nothing: for the log. */
  readonly found: Readonly<Record<string, unknown>>
}

/** One level, and one change that it has to have followed. */
export interface Subject {
  readonly level: Level
  /** Whose change it is. */
  readonly service: string
  /** What was changed, by the names of its owner. */
  readonly tags: readonly string[]
  /** For the log: how to find the change again. */
  readonly about: Readonly<Record<string, unknown>>
  /** @throws when the level could not be asked */
  look(): Promise<Look>
}

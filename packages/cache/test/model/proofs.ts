import type { Model } from './explorer.ts'
import { oneLevel } from './one-level.ts'
import { twoLevels } from './two-levels.ts'
import { withL1 } from './with-l1.ts'

export type Level = 'one level' | 'L1' | 'two levels'

/** A model in which no order of steps may break the promise. */
export interface Proof {
  readonly level: Level
  readonly despite: string
  /** Seconds, and not minutes: for the tests. */
  readonly short: boolean
  readonly model: () => Model
  /** Steps that can't happen in so small a model. */
  readonly never?: readonly string[]
}

const outerFlushed = 'the outer level is flushed'
const innerFlushed = 'the inner level is flushed'

export const PROOFS: readonly Proof[] = [
  short('one level', 'two readers and a writer', () => oneLevel({ readers: 2, writers: 1 })),
  short('one level', 'entries that are served while one reader refreshes them', () =>
    oneLevel({ readers: 2, writers: 1, stale: true }),
  ),
  short('one level', 'flushes', () => oneLevel({ readers: 2, writers: 1, fault: 'Redis is flushed' })),
  short('one level', 'evictions of the fence', () =>
    oneLevel({ readers: 2, writers: 1, fault: 'the fence is evicted' }),
  ),
  {
    ...short('one level', 'a restart from an older copy', () =>
      oneLevel({ readers: 1, writers: 1, fault: 'Redis restarts from an older copy' }),
    ),
    // A lone reader waits for nobody.
    never: ['reader # waits and READs again: a hit', 'reader # gives up the load that it joined, and loads'],
  },
  // Two rules that the promise does not need. They save loads.
  short('one level', 'fills that replace what was read later', () =>
    oneLevel({ readers: 2, writers: 1, broken: 'a fill replaces what was read later' }),
  ),
  short('one level', 'refreshes under the stamp of what they refresh', () =>
    oneLevel({
      readers: 2,
      writers: 1,
      stale: true,
      broken: 'a refresh keeps the stamp of what it refreshes',
    }),
  ),
  long('one level', 'two readers and two writers', () => oneLevel({ readers: 2, writers: 2 })),
  long('one level', 'three readers and a writer', () => oneLevel({ readers: 3, writers: 1 })),
  long('one level', 'a restart from an older copy, two readers', () =>
    oneLevel({ readers: 2, writers: 1, fault: 'Redis restarts from an older copy' }),
  ),

  short('L1', 'a reader and a writer', () => withL1({ readers: 1, writers: 1, messages: 2 })),
  short('L1', 'a subscription that is lost', () =>
    withL1({ readers: 1, writers: 1, messages: 2, loses: true }),
  ),
  short('L1', 'flushes after which the clock goes on', () =>
    withL1({ readers: 1, writers: 1, messages: 2, flushed: 'and the clock goes on' }),
  ),
  short('L1', 'flushes after which the clock goes back', () =>
    withL1({ readers: 1, writers: 1, messages: 2, flushed: 'and the clock goes back' }),
  ),
  long('L1', 'flushes after which the clock goes on, asked for sequences without their lives', () =>
    withL1({ readers: 1, writers: 1, messages: 2, flushed: 'and the clock goes on', withoutLife: true }),
  ),
  long('L1', 'two readers and a writer', () => withL1({ readers: 2, writers: 1, messages: 2 })),
  long('L1', 'a reader and two writers', () => withL1({ readers: 1, writers: 2, messages: 2 })),
  long('L1', 'two readers and a subscription that is lost', () =>
    withL1({ readers: 2, writers: 1, messages: 2, loses: true }),
  ),

  short('two levels', 'two readers and two writers', () =>
    twoLevels({ readers: 2, writers: 2, messages: 2 }),
  ),
  short('two levels', 'two readers and a writer that goes on for ever', () =>
    twoLevels({ readers: 2, writers: 1, messages: 2, forEver: true }),
  ),
  short('two levels', 'an event that comes twice, before or after its writer', () =>
    twoLevels({ readers: 2, writers: 1, messages: 2, deliveries: 2 }),
  ),
  short('two levels', 'writers that die after their commit', () =>
    twoLevels({ readers: 2, writers: 2, messages: 2, shortcut: false, deliveries: 1 }),
  ),
  short('two levels', 'writes of other tags', () =>
    twoLevels({ readers: 1, writers: 1, messages: 2, deliveries: 1, others: true, forEver: true }),
  ),
  short('two levels', 'a flush of the outer level', () =>
    twoLevels({ readers: 2, writers: 1, messages: 2, fault: outerFlushed }),
  ),
  short('two levels', 'a flush of the inner level', () =>
    twoLevels({ readers: 2, writers: 1, messages: 2, deliveries: 1, fault: innerFlushed }),
  ),
]

function short(level: Level, despite: string, model: () => Model): Proof {
  return { level, despite, short: true, model }
}
function long(level: Level, despite: string, model: () => Model): Proof {
  return { level, despite, short: false, model }
}

import type { Model } from './explorer.ts'
import type { BrokenL1 } from './l1-model.ts'
import { type BrokenRule, oneLevel } from './one-level.ts'
import type { Level } from './proofs.ts'
import { type BrokenLevels, twoLevels } from './two-levels.ts'
import { withL1 } from './with-l1.ts'

/** A model with one rule left out, in which some order of steps must break the promise. */
export interface Variant {
  readonly level: Level
  readonly broken: string
  /** How the last step of the shortest such order ends. */
  readonly by: string
  readonly model: () => Model
}

const hit = 'READ: a hit'
const joined = 'joins what reader # has loaded'
const told = 'asked for the sequence of writer #'
const byL1 = 'is answered by L1'
const ofEvents = { shortcut: false, deliveries: 1 }
const fault = 'the outer level is flushed'

export const VARIANTS: readonly Variant[] = [
  one('a fill is never refused', hit),
  one('an entry is stamped when it is stored', hit),
  one('a read does not look at the tag', hit),
  one('an invalidation precedes its commit', joined),
  one('the snapshot is older than the read', 'LOAD'),
  one('a reader joins whatever load is under way', joined),
  one('whoever waits for a lease takes the value of its holder', 'takes what reader # has loaded'),
  one('what is past its TTL is served without a look at its tag', 'a hit past its TTL, which it refreshes', {
    stale: true,
  }),
  one('a refresh that fails stamps the old value anew', hit, { stale: true }),
  one('a forgotten tag does not raise the floor', hit),
  one('a lost fence does not begin a new life', 'READs again: a hit', { fault: 'the fence is evicted' }),
  one('a lost fence does not begin a new life', hit, { fault: 'Redis is flushed' }),
  one('a restart from an older copy does not begin a new life', joined, {
    fault: 'Redis restarts from an older copy',
  }),

  l1('L1 serves without the barrier', 'L1 is read'),
  l1('the bound runs from the answer and not from the question', 'L1 is read'),
  l1('L1 stores blindly', told),
  l1('L1 forgets which invalidations were delivered', 'L1 is read'),
  l1('L1 keeps its entry when it subscribes again', told, { loses: true }),
  l1('L1 stores what was read before it subscribed again', told, { loses: true }),
  l1('L1 does not tell lives apart', 'L1 is read', { flushed: 'and the clock goes back' }),
  l1("L1 takes its own process's last sequence for confirmed", told),
  l1('L1 ignores what its own process invalidates', 'L1 is read'),
  l1('L1 serves whatever sequence it is asked for', told),
  {
    level: 'L1',
    broken: 'a sequence is asked for without its life, and the clock goes back',
    by: told,
    model: () =>
      withL1({ readers: 1, writers: 1, messages: 2, flushed: 'and the clock goes back', withoutLife: true }),
  },

  two('a fill is never refused', 'READ at the gateway: a hit'),
  two('an entry is stamped when it is stored', 'READ at the gateway: a hit'),
  two('a reader joins whatever fetch is under way', 'joins what reader # has fetched'),
  two('the outer level is invalidated first', 'joins what reader # has fetched', { messages: 0 }),
  two('the event is published before the inner level is invalidated', 'READ at the service: a hit', {
    ...ofEvents,
    messages: 0,
  }),
  two("the writer's shortcut goes without the sequence", byL1),
  two('the event goes without the sequence', byL1, ofEvents),
  two('the last sequence told is kept, and not the highest', byL1, { readers: 1, writers: 2 }),
  two('the carried sequence is read before the stamp', byL1),
  two('L1 stores blindly', byL1),
  two('L1 serves whatever sequence it is asked for', byL1),
  two("L1 takes its own process's last sequence for confirmed", byL1, { others: true }),
  two('what was carried before a flush counts as nothing', byL1, { readers: 1, fault }),
  two('after a flush the first sequence told counts as the highest', byL1, { readers: 1, writers: 2, fault }),
]

function one(broken: BrokenRule, by: string, more: Partial<Parameters<typeof oneLevel>[0]> = {}): Variant {
  return {
    level: 'one level',
    broken,
    by,
    model: () => oneLevel({ readers: 2, writers: 1, broken, ...more }),
  }
}
function l1(broken: BrokenL1, by: string, more: Partial<Parameters<typeof withL1>[0]> = {}): Variant {
  const model = () => withL1({ readers: 1, writers: 1, messages: 2, broken, ...more })
  return { level: 'L1', broken, by, model }
}
function two(broken: BrokenLevels, by: string, more: Partial<Parameters<typeof twoLevels>[0]> = {}): Variant {
  const model = () => twoLevels({ readers: 2, writers: 1, messages: 2, broken, ...more })
  return { level: 'two levels', broken, by, model }
}

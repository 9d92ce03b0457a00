import type { LOAD } from './fence-model.ts'
import { clear, copy, type Rec } from './record.ts'

/** D, in ticks of the model's clock. */
export const BOUND = 2

const NOTHING = 0
/** An INVALIDATE of the tag. */
const OF_THE_TAG = 1
/** An INVALIDATE of other tags. */
const OF_OTHERS = 2
/** What Redis answered to a question on the subscriber's connection: it stands in line behind all that was published before. */
const ANSWER = 3

/** The L1 of one process, and its subscriber's connection, on which `messages` may be under way. */
export const l1Shape = (messages: number) => ({
  subscribed: 1,
  queue: Array.from({ length: messages }, () => ({ kind: NOTHING, life: 0, seq: 0 })),
  life: 0,
  /** The sequence of the tag's last invalidation that was delivered. */
  seen: 0,
  /** Everything up to this sequence was delivered. */
  confirmed: 0,
  /** Version 0: there is none. */
  entry: { stamp: 0, version: 0 },
  /** The question under way: 1 in the tick in which it was asked, up to BOUND + 1 for a long time ago; 0: there is none. */
  asked: 0,
  /** The last one that was answered: the same; 0: there is none, or it is too old to prove anything. */
  proven: 0,
})

/** One rule of L1 left out. */
export type BrokenL1 =
  | 'L1 serves without the barrier'
  | 'the bound runs from the answer and not from the question'
  | 'L1 stores blindly'
  | 'L1 forgets which invalidations were delivered'
  | 'L1 keeps its entry when it subscribes again'
  | 'L1 stores what was read before it subscribed again'
  | 'L1 does not tell lives apart'
  | "L1 takes its own process's last sequence for confirmed"
  | 'L1 ignores what its own process invalidates'
  | 'L1 serves whatever sequence it is asked for'

/**
 * `endless`: its bound is, and it may serve what it has however old its knowledge is. What holds for that one holds for any bound.
 * `onReset`: from here on nothing may be stored that was read before.
 */
export function createL1Model(
  l1: Rec<ReturnType<typeof l1Shape>>,
  { endless, broken, onReset }: { endless: boolean; broken: string | undefined; onReset: () => void },
) {
  const leftOut = (rule: BrokenL1) => broken === rule
  const hasRoom = () => l1.queue.at(-1)!.kind === NOTHING

  /** Another history begins, or one with a gap. */
  function reset(life: number): void {
    clear(l1.entry)
    l1.life = life
    l1.seen = 0
    l1.confirmed = 0
    onReset()
  }
  function meet(life: number): void {
    if (life !== l1.life && !leftOut('L1 does not tell lives apart')) reset(life)
  }
  function drop(seq: number): void {
    // What was read after the invalidation, and overtook the message, is kept.
    if (l1.entry.stamp < seq) clear(l1.entry)
    if (!leftOut('L1 forgets which invalidations were delivered')) l1.seen = Math.max(l1.seen, seq)
  }
  function push(kind: number, life: number, seq: number): void {
    const free = l1.queue.find((item) => item.kind === NOTHING)
    if (!l1.subscribed || !free) return
    free.kind = kind
    free.life = life
    free.seq = seq
  }

  return {
    /** May a message be published, or would there be more under way than the model knows of? */
    hasRoom,
    /** `atLeast`: to whom asks for that sequence. */
    serves: (atLeast = 0) =>
      l1.entry.version > 0 &&
      (endless || l1.proven > 0 || leftOut('L1 serves without the barrier')) &&
      (l1.confirmed >= atLeast || leftOut('L1 serves whatever sequence it is asked for')),

    /** What INVALIDATE publishes. */
    publish: (life: number, seq: number, ofTheTag = true) =>
      push(ofTheTag ? OF_THE_TAG : OF_OTHERS, life, seq),

    mayAsk: () => l1.subscribed === 1 && l1.asked === 0 && hasRoom(),
    /**
     * The question that is the barrier is asked, and reaches Redis, which answers with its life (0: none) and sequence. That takes no
     * time here: if it did, the answer would stand behind more messages, and prove more.
     */
    ask(life: number, seq: number): void {
      l1.asked = 1
      push(ANSWER, life, seq)
    },

    mayDeliver: () => l1.queue[0]!.kind !== NOTHING,
    deliver(): void {
      const { kind, life, seq } = l1.queue[0]!
      for (let i = 1; i < l1.queue.length; i++) copy(l1.queue[i]!, l1.queue[i - 1]!)
      clear(l1.queue.at(-1)!)
      meet(life)
      l1.confirmed = seq
      if (kind === OF_THE_TAG) drop(seq)
      if (kind !== ANSWER) return
      l1.proven = leftOut('the bound runs from the answer and not from the question')
        ? 1
        : l1.asked % (BOUND + 1)
      l1.asked = 0
    },

    /** A value arrives that was read since the last reset. (From Redis or from the database: the code stores the former only.) */
    store(load: Rec<typeof LOAD>): void {
      if (!leftOut('L1 stores blindly')) {
        if (load.stamp < l1.seen) return
        if (load.life !== l1.life && !leftOut('L1 does not tell lives apart')) return
      }
      l1.entry.stamp = load.stamp
      l1.entry.version = load.version
    },

    /** INVALIDATE was answered, which was this process's own. */
    acknowledged(life: number, seq: number, ofTheTag = true): void {
      if (leftOut('L1 ignores what its own process invalidates')) return
      meet(life)
      if (ofTheTag) drop(seq)
      if (leftOut("L1 takes its own process's last sequence for confirmed"))
        l1.confirmed = Math.max(l1.confirmed, seq)
    },

    /** What is under way is lost, and what is published before it subscribes again. It does not notice, and goes on. */
    lose(): void {
      l1.subscribed = 0
      l1.asked = 0
      for (const item of l1.queue) clear(item)
    },
    subscribeAgain(): void {
      l1.subscribed = 1
      if (leftOut('L1 keeps its entry when it subscribes again')) return
      // What was proven of the old subscription says nothing of the new one.
      l1.proven = 0
      if (leftOut('L1 stores what was read before it subscribed again')) clear(l1.entry)
      else reset(0)
    },

    tick(): void {
      if (l1.asked > 0 && l1.asked <= BOUND) l1.asked++
      if (l1.proven > 0) l1.proven = (l1.proven + 1) % (BOUND + 1)
    },
  }
}

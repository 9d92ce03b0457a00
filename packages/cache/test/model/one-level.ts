import { createSteps, type Model } from './explorer.ts'
import { type BrokenFence, createFenceModel, LOAD, STORE } from './fence-model.ts'
import { clear, copy, layOut, type Rec } from './record.ts'
import { createKind, sortAlike } from './symmetry.ts'

/** What happens to Redis, at any moment. All but the restart any number of times. */
export type Fault = 'Redis is flushed' | 'the fence is evicted' | 'Redis restarts from an older copy'

/** One rule of the protocol left out. */
export type BrokenRule =
  | BrokenFence
  | 'an invalidation precedes its commit'
  | 'the snapshot is older than the read'
  | 'a reader joins whatever load is under way'
  | 'whoever waits for a lease takes the value of its holder'
  | 'a refresh that fails stamps the old value anew'
  | 'a restart from an older copy does not begin a new life'
  // Costs loads and nothing else.
  | 'a refresh keeps the stamp of what it refreshes'

const IDLE = 0
const LOADING = 1
const JOINED = 2
const FILLING = 3

/**
 * The protocol of one level as a state machine in which *every* order of steps is tried: one key with one tag, and readers and
 * writers that go on for ever. Writers repeat their invalidations, loads fail, fills get lost, entries and tags go.
 *
 * The promise: a read that begins after a write was acknowledged returns at least its version.
 */
export function oneLevel(options: {
  readers: number
  writers: number
  /** Entries get older than their TTL, and are served while one reader refreshes them. */
  stale?: boolean
  fault?: Fault
  broken?: BrokenRule
}): Model {
  const { fault, broken } = options
  const { memory, state } = layOut({
    committed: 1,
    acknowledged: 1,
    run: 1,
    copies: 0,
    store: STORE,
    copy: STORE,
    readers: Array.from({ length: options.readers }, () => ({
      step: IDLE,
      /** The highest version that was acknowledged when the read began; 0 for a refresh, for which nobody waits. */
      expected: 0,
      load: LOAD,
      /** Whose load it joined: 1 for the first reader. */
      leader: 0,
    })),
    writers: Array.from({ length: options.writers }, () => ({ done: 0, version: 0 })),
  })
  const { store, readers, writers } = state
  const sequences = createKind(memory)
  const versions = createKind(memory)
  const lives = createKind(memory)
  const runs = createKind(memory)
  sequences.add(state, 'seq', 'floor', 'tag', 'stamp')
  versions.add(state, 'committed', 'acknowledged', 'expected', 'version')
  lives.add(state, 'life')
  runs.add(state, 'run')
  const fence = createFenceModel(store, { nextLife: () => lives.next(), broken })
  const { steps, step } = createSteps()

  /** Each connection is verified before what Redis says is used: one to a Redis with another run id begins a new life. */
  const isVerified = () =>
    store.life === 0 ||
    store.run === state.run ||
    broken === 'a restart from an older copy does not begin a new life'
  const isHit = () => isVerified() && fence.isHit()
  function read({ load }: { load: Rec<typeof LOAD> }): void {
    if (!isVerified()) {
      fence.beginLife(store.seq + 1)
      store.run = state.run
    }
    if (store.life === 0) store.run = state.run
    fence.read(load)
  }
  function invalidate(): void {
    if (store.life === 0) store.run = state.run
    fence.invalidate()
  }

  for (const [i, reader] of readers.entries()) {
    const { load } = reader
    const begin = () => {
      reader.expected = state.acknowledged
      read(reader)
      reader.step = LOADING
    }
    /** The version that it returns is known, to it and to those who joined it. */
    const answer = (version: number) => {
      let violated = version < reader.expected
      for (const other of readers) {
        if (other.step !== JOINED || other.leader !== i + 1) continue
        violated ||= version < other.expected
        clear(other)
      }
      return violated
    }

    step(
      `reader ${i} READ: a hit`,
      () => reader.step === IDLE && isHit() && !store.entry.aged,
      () => store.entry.version < state.acknowledged,
    )
    step(`reader ${i} READ: a miss`, () => reader.step === IDLE && !isHit(), begin)
    if (options.stale) {
      step(
        `reader ${i} READ: a hit past its TTL, which it refreshes`,
        () => reader.step === IDLE && isHit() && store.entry.aged === 1,
        () => {
          const violated = store.entry.version < state.acknowledged
          begin()
          reader.expected = 0
          if (broken === 'a refresh keeps the stamp of what it refreshes') load.stamp = store.entry.stamp
          return violated
        },
      )
      if (broken === 'a refresh that fails stamps the old value anew') {
        step(
          `reader ${i} LOAD of the refresh fails, the old value is stamped anew`,
          () => reader.step === LOADING && reader.expected === 0 && store.entry.version > 0,
          () => {
            store.entry.stamp = store.seq
            store.entry.aged = 0
            clear(reader)
          },
        )
      }
    }
    if (broken === 'the snapshot is older than the read') {
      step(
        `reader ${i} takes its snapshot`,
        () => reader.step === IDLE && load.version === 0,
        () => {
          load.version = state.committed
        },
      )
    }
    // A lease makes its waiters READ again, until they lose their patience and load themselves. That is all it does, so it makes
    // no difference here who holds it.
    step(
      `reader ${i} waits and READs again: a hit`,
      () => reader.step === LOADING && reader.expected > 0 && isHit(),
      () => {
        const violated = store.entry.version < reader.expected
        clear(reader)
        return violated
      },
    )
    step(
      `reader ${i} waits and READs again: a miss`,
      () => reader.step === LOADING && reader.expected > 0 && !isHit(),
      () => read(reader),
    )
    step(
      `reader ${i} LOAD`,
      () => reader.step === LOADING,
      () => {
        load.version ||= state.committed
        reader.step = FILLING
        return answer(load.version)
      },
    )
    step(
      `reader ${i} LOAD fails, and whoever joined it loads`,
      () => reader.step === LOADING,
      () => {
        for (const other of readers) {
          if (other.step !== JOINED || other.leader !== i + 1) continue
          other.step = LOADING
          other.leader = 0
        }
        clear(reader)
      },
    )
    step(
      `reader ${i} FILL`,
      () => reader.step === FILLING,
      () => {
        fence.fill(load)
        clear(reader)
      },
    )
    step(
      `reader ${i} FILL is lost`,
      () => reader.step === FILLING,
      () => clear(reader),
    )

    step(
      `reader ${i} gives up the load that it joined, and loads`,
      () => reader.step === JOINED,
      () => {
        reader.step = LOADING
        reader.leader = 0
      },
    )

    for (const [j, leader] of readers.entries()) {
      if (j === i) continue
      step(
        `reader ${i} waited in vain, and joins the load of reader ${j} by what it READ before`,
        () =>
          reader.step === LOADING &&
          reader.expected > 0 &&
          leader.step === LOADING &&
          leader.load.life === load.life &&
          leader.load.stamp >= load.stamp,
        () => {
          reader.step = JOINED
          reader.leader = j + 1
        },
      )
      const mayJoin = () =>
        reader.step === IDLE &&
        isVerified() &&
        !isHit() &&
        (broken === 'a reader joins whatever load is under way' ||
          (leader.load.life === store.life && leader.load.stamp >= store.seq))
      step(
        `reader ${i} READ: a miss, joins the load of reader ${j}`,
        () => leader.step === LOADING && mayJoin(),
        () => {
          begin()
          reader.step = JOINED
          reader.leader = j + 1
        },
      )
      // It can be joined until it is stored: longer than in reality, where that ends when the load is over.
      step(
        `reader ${i} READ: a miss, joins what reader ${j} has loaded`,
        () => leader.step === FILLING && mayJoin(),
        () => leader.load.version < state.acknowledged,
      )
      if (broken === 'whoever waits for a lease takes the value of its holder') {
        step(
          `reader ${i} takes what reader ${j} has loaded`,
          () => reader.step === LOADING && leader.step === FILLING,
          () => {
            const violated = leader.load.version < reader.expected
            clear(reader)
            return violated
          },
        )
      }
    }
  }

  const early = broken === 'an invalidation precedes its commit'
  for (const [i, writer] of writers.entries()) {
    const done = () => {
      if (++writer.done < 2) return
      state.acknowledged = Math.max(state.acknowledged, writer.version)
      writer.version = 0
    }
    step(
      `writer ${i} COMMIT`,
      () => writer.done === (early ? 1 : 0),
      () => {
        writer.version = ++state.committed
        done()
      },
    )
    step(
      `writer ${i} INVALIDATE`,
      () => writer.done === (early ? 0 : 1),
      () => {
        invalidate()
        done()
      },
    )
    // By a retry, an event, or a command that was given up and then executed.
    step(`writer ${i} INVALIDATE once more`, () => writer.done === 2, invalidate)
    step(
      `writer ${i} begins another write`,
      () => writer.done === 2,
      () => clear(writer),
    )
  }

  if (options.stale) {
    step(
      'the entry gets older than its TTL',
      () => store.entry.version > 0 && !store.entry.aged,
      () => {
        store.entry.aged = 1
      },
    )
  }
  step(
    'the entry is evicted',
    () => store.entry.version > 0,
    () => clear(store.entry),
  )
  step(
    'the tag is forgotten',
    () => store.tag > 0,
    () => fence.forget(),
  )

  if (fault === 'Redis is flushed' || fault === 'the fence is evicted') {
    step(
      fault,
      () => store.life > 0,
      () => fence.lose({ entryToo: fault === 'Redis is flushed' }),
    )
  }
  if (fault === 'Redis restarts from an older copy') {
    step(
      'Redis writes a copy to disk',
      () => state.copies === 0,
      () => {
        copy(store, state.copy)
        state.copies = 1
      },
    )
    step(
      fault,
      () => state.copies === 1,
      () => {
        copy(state.copy, store)
        clear(state.copy)
        state.copies = 2
        state.run = runs.next()
      },
    )
  }

  return { memory, steps, canonical }

  function canonical(): void {
    if (!broken) buryTheDead()
    sequences.rank()
    versions.rank()
    lives.rename()
    runs.rename()
    // A way to a violation is easier to follow when everybody keeps their name.
    if (broken) return
    sortAlike(readers, 'leader')
    sortAlike(writers)
  }

  /** The name of a life never comes back: so it makes no difference which of the past ones something belongs to, or since when. */
  function buryTheDead(): void {
    const isDead = (life: number) => life > 0 && life !== store.life && life !== state.copy.life
    if (isDead(store.entry.life)) clear(store.entry)
    let dead = 0
    for (const { load } of readers) {
      if (!isDead(load.life)) continue
      dead ||= load.life
      load.life = dead
      load.stamp = 0
    }
  }
}

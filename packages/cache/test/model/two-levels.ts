import { createSteps, type Model } from './explorer.ts'
import { type BrokenFence, createFenceModel, LOAD, STORE } from './fence-model.ts'
import { BOUND, type BrokenL1, createL1Model, l1Shape } from './l1-model.ts'
import { clear, layOut } from './record.ts'
import { createKind, sortAlike } from './symmetry.ts'

/** One rule left out: of L1, of the gateway's fence, or of what goes between the levels. */
export type BrokenLevels =
  | BrokenL1
  | Extract<BrokenFence, 'a fill is never refused' | 'an entry is stamped when it is stored'>
  | 'the outer level is invalidated first'
  | "the writer's shortcut goes without the sequence"
  | 'the event goes without the sequence'
  | 'the event is published before the inner level is invalidated'
  | 'the last sequence told is kept, and not the highest'
  | 'the carried sequence is read before the stamp'
  | 'what was carried before a flush counts as nothing'
  | 'after a flush the first sequence told counts as the highest'
  | 'a reader joins whatever fetch is under way'

const IDLE = 0
/** It has READ at the gateway, and asks the service. */
const FETCHING = 1
const LOADING = 2
/** The service's process beside L1 has got the value. */
const ARRIVING = 3
const FILLING = 4
const JOINED = 5
/** Only where the carried sequence has a READ of its own. */
const READING = 6

/**
 * Two levels: a service, and a gateway that fetches from it. The service has two processes, one with an L1. A gateway has any number:
 * they share nothing but what is in Redis, except for the fetches under way, which may be joined or not.
 *
 * Each write invalidates the inner level, then the outer one, by the writer's shortcut, or by its event, or both in any order. A
 * writer that dies is one that takes no further step.
 *
 * The promise: a read at the gateway that begins after a write was acknowledged at the outer level, by whichever of the two, returns
 * at least its version. However late L1 may be: it has no bound here, unless the outer level forgets what it was told.
 */
export function twoLevels(options: {
  readers: number
  writers: number
  /** Each writer writes again and again; otherwise once. */
  forEver?: boolean
  /** How many invalidations may be under way to L1. 0: there is no L1. */
  messages: number
  /** False: the writers die after their commit. */
  shortcut?: boolean
  /** How often the event of each write may be delivered to the gateway. */
  deliveries?: number
  /** Other tags are invalidated too. */
  others?: boolean
  /** Once. */
  fault?: 'the outer level is flushed' | 'the inner level is flushed'
  broken?: BrokenLevels
}): Model {
  const { broken, fault, messages, shortcut = true, deliveries = 0 } = options
  const timed = fault === 'the outer level is flushed'
  const { memory, state } = layOut({
    committed: 1,
    acknowledged: 1,
    flushes: 0,
    inner: { ...STORE, life: 1 },
    outer: { ...STORE, life: 1 },
    /** How many ticks ago the outer level's life began, at most BOUND. */
    age: BOUND,
    l1: { ...l1Shape(Math.max(1, messages)), subscribed: messages > 0 ? 1 : 0, life: 1 },
    readers: Array.from({ length: options.readers }, () => ({
      step: IDLE,
      /** The highest version that was acknowledged when the read began; 0 when its own version is known. */
      expected: 0,
      /** What READ answered at the gateway, and what the fetch asks L1 for: `unknown`, more than any L1 can have. */
      outer: LOAD,
      atLeast: 0,
      unknown: 0,
      /** Beside L1? And if so: may L1 store what comes of the READ there? */
      here: 0,
      fresh: 0,
      /** What READ answered at the service; `loaded`: the value came from the database, and is stored there too. */
      inner: LOAD,
      loaded: 0,
      /** Whose fetch it joined: 1 for the first reader. */
      leader: 0,
    })),
    writers: Array.from({ length: options.writers }, () => ({
      done: 0,
      version: 0,
      told: 0,
      event: { done: 0, told: 0 },
    })),
  })
  const { inner, outer, readers, writers } = state
  const sequences = createKind(memory)
  const outerSequences = createKind(memory)
  const versions = createKind(memory)
  const lives = createKind(memory)
  const outerLives = createKind(memory)
  versions.add(state, 'committed', 'acknowledged', 'expected', 'version')
  sequences.add(state, 'carried', 'atLeast', 'told')
  for (const part of [inner, state.l1, ...readers.map((reader) => reader.inner)]) {
    sequences.add(part, 'seq', 'floor', 'tag', 'stamp', 'seen', 'confirmed')
    lives.add(part, 'life')
  }
  for (const part of [outer, ...readers.map((reader) => reader.outer)]) {
    outerSequences.add(part, 'seq', 'floor', 'tag', 'stamp')
    outerLives.add(part, 'life')
  }

  // A clock that is set back while the inner level is flushed is for the model of one level with L1.
  const innerFence = createFenceModel(inner, {
    nextLife: () => lives.next(),
    firstSequence: () => sequences.next(),
  })
  const outerFence = createFenceModel(outer, {
    nextLife() {
      state.age = 0
      return outerLives.next()
    },
    broken,
  })
  const l1 = createL1Model(state.l1, {
    endless: !timed,
    broken,
    onReset() {
      for (const reader of readers) reader.fresh = 0
    },
  })
  const { steps, step } = createSteps()

  /** An L1 may still not know of something that was acknowledged at the outer level, which the outer level itself has forgotten. */
  function isUnknown(): boolean {
    if (!timed || state.age === BOUND || broken === 'what was carried before a flush counts as nothing')
      return false
    return outer.carried === 0 || broken !== 'after a flush the first sequence told counts as the highest'
  }

  for (const [i, reader] of readers.entries()) {
    /** The version that it returns is known, to it and to those who joined it. */
    const answer = (version: number) => {
      let violated = version < reader.expected
      reader.inner.version = version
      reader.expected = 0
      for (const other of readers) {
        if (other.step !== JOINED || other.leader !== i + 1) continue
        violated ||= version < other.expected
        clear(other)
      }
      return violated
    }
    /** The value is on its way to the gateway; what it fills, it fills in the background, in any order. */
    const goOn = () => {
      reader.step = FILLING
      reader.atLeast = reader.unknown = reader.here = reader.fresh = 0
      if (!reader.loaded) reader.inner.life = reader.inner.stamp = 0
      reader.loaded = 0
    }

    step(
      `reader ${i} READ at the gateway: a hit`,
      () => reader.step === IDLE && outerFence.isHit(),
      () => outer.entry.version < state.acknowledged,
    )
    const isTwoReads = broken === 'the carried sequence is read before the stamp'
    if (isTwoReads) {
      step(
        `reader ${i} READs the carried sequence`,
        () => reader.step === IDLE,
        () => {
          reader.atLeast = outer.carried
          reader.step = READING
        },
      )
    }
    step(
      `reader ${i} READ at the gateway: a miss`,
      () => reader.step === (isTwoReads ? READING : IDLE) && !outerFence.isHit(),
      () => {
        outerFence.read(reader.outer)
        reader.unknown = isUnknown() ? 1 : 0
        if (reader.unknown) reader.atLeast = 0
        else if (!isTwoReads) reader.atLeast = outer.carried
        reader.expected = state.acknowledged
        reader.step = FETCHING
      },
    )
    for (const [j, leader] of readers.entries()) {
      if (j === i) continue
      const mayJoin = () =>
        reader.step === IDLE &&
        !outerFence.isHit() &&
        (broken === 'a reader joins whatever fetch is under way' ||
          (outer.life > 0 && leader.outer.life === outer.life && leader.outer.stamp >= outer.seq))
      step(
        `reader ${i} READ at the gateway: a miss, joins the fetch of reader ${j}`,
        () => (leader.step === FETCHING || leader.step === LOADING) && mayJoin(),
        () => {
          reader.expected = state.acknowledged
          reader.step = JOINED
          reader.leader = j + 1
        },
      )
      step(
        `reader ${i} READ at the gateway: a miss, joins what reader ${j} has fetched`,
        () => (leader.step === ARRIVING || leader.step === FILLING) && mayJoin(),
        () => leader.inner.version < state.acknowledged,
      )
    }

    if (messages > 0) {
      step(
        `reader ${i} is answered by L1`,
        () => reader.step === FETCHING && !reader.unknown && l1.serves(reader.atLeast),
        () => {
          goOn()
          return answer(state.l1.entry.version)
        },
      )
    }
    // Whoever READs beside L1 may have asked L1 before: in vain, or else an answer came from there.
    for (const here of messages > 0 ? [0, 1] : [0]) {
      const where = here ? 'beside L1' : 'at the service'
      const read = () => {
        innerFence.read(reader.inner)
        reader.here = reader.fresh = here
      }
      step(
        `reader ${i} READ ${where}: a hit`,
        () => reader.step === FETCHING && innerFence.isHit(),
        () => {
          read()
          if (here) reader.step = ARRIVING
          else goOn()
          return answer(inner.entry.version)
        },
      )
      step(
        `reader ${i} READ ${where}: a miss`,
        () => reader.step === FETCHING && !innerFence.isHit(),
        () => {
          read()
          reader.step = LOADING
        },
      )
    }
    step(
      `reader ${i} LOAD`,
      () => reader.step === LOADING,
      () => {
        reader.loaded = 1
        if (reader.here) reader.step = ARRIVING
        else goOn()
        return answer(state.committed)
      },
    )
    if (messages > 0) {
      step(
        `reader ${i} has its value, and so has L1`,
        () => reader.step === ARRIVING,
        () => {
          if (reader.fresh || broken === 'L1 stores blindly') l1.store(reader.inner)
          goOn()
        },
      )
    }
    step(
      `reader ${i} FILL at the service`,
      () => reader.step === FILLING && reader.inner.life > 0,
      () => {
        innerFence.fill(reader.inner)
        reader.inner.life = reader.inner.stamp = 0
      },
    )
    step(
      `reader ${i} FILL at the gateway`,
      () => reader.step === FILLING && reader.outer.life > 0,
      () => {
        reader.outer.version = reader.inner.version
        outerFence.fill(reader.outer)
        clear(reader.outer)
      },
    )
  }

  function invalidateInner(ofTheTag = true): number {
    const seq = innerFence.invalidate({ ofTheTag })
    l1.publish(inner.life, seq, ofTheTag)
    return seq
  }
  function invalidateOuter(carried: number): void {
    outerFence.invalidate({ carried })
    if (broken === 'the last sequence told is kept, and not the highest') outer.carried = carried
  }
  function acknowledge(version: number): void {
    state.acknowledged = Math.max(state.acknowledged, version)
  }

  for (const [i, writer] of writers.entries()) {
    const { event } = writer
    step(
      `writer ${i} COMMIT`,
      () => writer.done === 0,
      () => {
        writer.version = ++state.committed
        writer.done = 1
      },
    )
    if (shortcut) {
      const outerFirst = broken === 'the outer level is invalidated first'
      step(
        `writer ${i} INVALIDATE at the service`,
        () => writer.done === (outerFirst ? 2 : 1) && l1.hasRoom(),
        () => {
          writer.told = invalidateInner()
          writer.done++
          if (outerFirst) acknowledge(writer.version)
        },
      )
      step(
        `writer ${i} INVALIDATE at the gateway`,
        () => writer.done === (outerFirst ? 1 : 2),
        () => {
          invalidateOuter(broken === "the writer's shortcut goes without the sequence" ? 0 : writer.told)
          writer.told = 0
          writer.done++
          if (!outerFirst) acknowledge(writer.version)
        },
      )
    }
    if (deliveries > 0) {
      const outerFirst = broken === 'the event is published before the inner level is invalidated'
      step(
        `event ${i} INVALIDATE at the service`,
        () => writer.done > 0 && event.done === 0 && l1.hasRoom(),
        () => {
          event.told = invalidateInner()
          event.done = 1
        },
      )
      step(
        `event ${i} INVALIDATE at the gateway`,
        () => (event.done > 0 || (outerFirst && writer.done > 0)) && event.done <= deliveries,
        () => {
          invalidateOuter(broken === 'the event goes without the sequence' ? 0 : event.told)
          event.done++
          acknowledge(writer.version)
        },
      )
    }
    if (options.forEver) {
      step(
        `writer ${i} begins another write`,
        () => (shortcut ? writer.done === 3 : event.done > 1),
        () => clear(writer),
      )
    }
  }

  if (messages > 0)
    step(
      'a message is delivered to L1',
      () => l1.mayDeliver(),
      () => l1.deliver(),
    )
  if (options.others) {
    step(
      'INVALIDATE of other tags, beside L1',
      () => l1.hasRoom(),
      () => {
        l1.acknowledged(inner.life, invalidateInner(false), false)
      },
    )
  }
  if (timed) {
    step(
      'L1 asks for proof',
      () => l1.mayAsk(),
      () => l1.ask(inner.life, inner.seq),
    )
    step(
      'time passes',
      () => true,
      () => {
        l1.tick()
        if (state.age < BOUND) state.age++
      },
    )
  }
  if (fault) {
    step(
      fault,
      () => state.flushes === 0,
      () => {
        state.flushes = 1
        ;(fault === 'the outer level is flushed' ? outerFence : innerFence).lose({ entryToo: true })
      },
    )
  }

  return { memory, steps, canonical }

  function canonical(): void {
    dropWhatIsTooLate()
    for (const reader of readers) {
      const { step, outer, inner } = reader
      if (step === FILLING && outer.life === 0 && inner.life === 0) clear(reader)
    }
    sequences.rank()
    outerSequences.rank()
    versions.rank()
    lives.rename()
    outerLives.rename()
    // A way to a violation is easier to follow when everybody keeps their name.
    if (broken) return
    sortAlike(readers, 'leader')
    sortAlike(writers)
  }

  /** What can't have an effect any more makes no difference, as long as the rules hold that say so. */
  function dropWhatIsTooLate(): void {
    if (broken === 'a fill is never refused' || broken === 'an entry is stamped when it is stored') return
    if (broken === 'L1 stores blindly') return
    if (innerFence.isTooLate(inner.entry)) clear(inner.entry)
    if (outerFence.isTooLate(outer.entry)) clear(outer.entry)
    for (const reader of readers) {
      if (outerFence.isTooLate(reader.outer)) reader.outer.life = reader.outer.stamp = 0
      if (!reader.fresh && innerFence.isTooLate(reader.inner)) reader.inner.life = reader.inner.stamp = 0
    }
  }
}

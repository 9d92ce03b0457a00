import { createSteps, type Model } from './explorer.ts'
import { createFenceModel, LOAD, STORE } from './fence-model.ts'
import { BOUND, type BrokenL1, createL1Model, l1Shape } from './l1-model.ts'
import { clear, layOut } from './record.ts'
import { createKind, sortAlike } from './symmetry.ts'

const IDLE = 0
const LOADING = 1
const ARRIVING = 2
const FILLING = 3

/**
 * One level with an L1 in one of its processes, readers and writers that go on for ever, and a clock that may tick at any moment.
 *
 * The promise: L1 serves nothing that was replaced by an invalidation of {@link BOUND} ticks ago; to whom asks for a sequence,
 * nothing that was replaced up to it; and beside a writer, nothing that it has replaced itself.
 */
export function withL1(options: {
  readers: number
  /** The first of them beside L1, in the same process. */
  writers: number
  /** As many may be under way to L1. */
  messages: number
  /** The subscriber's connection is lost at any moment, and opened again. */
  loses?: boolean
  /** Redis is flushed at any moment, and its clock goes on, or is set back with it. */
  flushed?: 'and the clock goes on' | 'and the clock goes back'
  /** The sequence is asked for alone: the L1 can't see whether it is one of the life that it knows. */
  withoutLife?: boolean
  broken?: BrokenL1
}): Model {
  const { broken, flushed } = options
  const { memory, state } = layOut({
    committed: 1,
    store: STORE,
    l1: l1Shape(options.messages),
    readers: Array.from({ length: options.readers }, () => ({
      step: IDLE,
      /** Beside L1? And if so: may L1 store what comes of this READ? */
      here: 0,
      fresh: 0,
      load: LOAD,
      /** The value came from the database, and is stored in Redis too. */
      loaded: 0,
    })),
    writers: Array.from({ length: options.writers }, () => ({
      done: 0,
      version: 0,
      life: 0,
      seq: 0,
      /** How many ticks ago it was invalidated, at most BOUND. */
      age: 0,
    })),
  })
  const { store, readers, writers } = state
  const sequences = createKind(memory)
  const versions = createKind(memory)
  const lives = createKind(memory)
  sequences.add(state, 'seq', 'floor', 'tag', 'stamp', 'seen', 'confirmed')
  versions.add(state, 'committed', 'version')
  lives.add(state, 'life')
  const fence = createFenceModel(store, {
    nextLife: () => lives.next(),
    firstSequence: () => (flushed === 'and the clock goes on' ? sequences.next() : 0),
  })
  const l1 = createL1Model(state.l1, {
    endless: false,
    broken,
    onReset() {
      for (const reader of readers) reader.fresh = 0
    },
  })
  const { steps, step } = createSteps()

  const { entry } = state.l1
  step(
    'L1 is read',
    () => l1.serves(),
    () => {
      const overdue = ({ done, age }: Writer) => done >= 2 && age === BOUND
      const ownWrite = ({ done }: Writer, i: number) => done === 3 && i === 0
      return writers.some(
        (writer, i) => (overdue(writer) || ownWrite(writer, i)) && entry.version < writer.version,
      )
    },
  )
  for (const [i, writer] of writers.entries()) {
    const isOfThisLife = () => options.withoutLife || state.l1.life === writer.life
    step(
      `L1 is read and asked for the sequence of writer ${i}`,
      () => writer.done >= 2 && isOfThisLife() && l1.serves(writer.seq),
      () => entry.version < writer.version,
    )
  }
  type Writer = (typeof writers)[number]

  for (const [i, reader] of readers.entries()) {
    const { load } = reader
    // A hit elsewhere changes nothing.
    step(
      `reader ${i} READ beside L1: a hit`,
      () => reader.step === IDLE && fence.isHit(),
      () => {
        // Nothing had replaced it at this READ: that is more than its own stamp says.
        fence.read(load)
        load.version = store.entry.version
        reader.here = reader.fresh = 1
        reader.step = ARRIVING
      },
    )
    for (const here of [0, 1]) {
      step(
        `reader ${i} READ ${here ? 'beside L1' : 'elsewhere'}: a miss`,
        () => reader.step === IDLE && !fence.isHit(),
        () => {
          fence.read(load)
          reader.here = reader.fresh = here
          reader.step = LOADING
        },
      )
    }
    step(
      `reader ${i} LOAD`,
      () => reader.step === LOADING,
      () => {
        load.version = state.committed
        reader.loaded = 1
        reader.step = reader.here ? ARRIVING : FILLING
      },
    )
    step(
      `reader ${i} has its value, and so has L1`,
      () => reader.step === ARRIVING,
      () => {
        if (reader.fresh || broken === 'L1 stores blindly') l1.store(load)
        if (!reader.loaded) clear(reader)
        else {
          reader.here = reader.fresh = 0
          reader.step = FILLING
        }
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
  }

  for (const [i, writer] of writers.entries()) {
    step(
      `writer ${i} COMMIT`,
      () => writer.done === 0,
      () => {
        writer.version = ++state.committed
        writer.done = 1
      },
    )
    step(
      `writer ${i} INVALIDATE`,
      () => writer.done === 1 && l1.hasRoom(),
      () => {
        writer.seq = fence.invalidate()
        writer.life = store.life
        l1.publish(store.life, writer.seq)
        writer.done = 2
      },
    )
    if (i === 0) {
      step(
        `writer ${i}, beside L1, is acknowledged`,
        () => writer.done === 2,
        () => {
          l1.acknowledged(writer.life, writer.seq)
          writer.done = 3
        },
      )
    }
    step(
      `writer ${i} begins another write`,
      () => writer.done === (i === 0 ? 3 : 2),
      () => clear(writer),
    )
  }
  step(
    'INVALIDATE of other tags, beside L1',
    () => l1.hasRoom(),
    () => {
      const seq = fence.invalidate({ ofTheTag: false })
      l1.publish(store.life, seq, false)
      l1.acknowledged(store.life, seq, false)
    },
  )

  step(
    'a message is delivered to L1',
    () => l1.mayDeliver(),
    () => l1.deliver(),
  )
  step(
    'L1 asks for proof',
    () => l1.mayAsk(),
    () => l1.ask(store.life, store.seq),
  )
  step(
    'time passes',
    () => true,
    () => {
      l1.tick()
      for (const writer of writers) if (writer.done >= 2 && writer.age < BOUND) writer.age++
    },
  )
  if (options.loses) {
    step(
      'L1 loses its subscription',
      () => state.l1.subscribed === 1,
      () => l1.lose(),
    )
    step(
      'L1 subscribes again',
      () => state.l1.subscribed === 0,
      () => l1.subscribeAgain(),
    )
  }
  if (flushed) {
    step(
      'Redis is flushed',
      () => store.life > 0,
      () => fence.lose({ entryToo: true }),
    )
  }

  return { memory, steps, canonical }

  function canonical(): void {
    dropWhatIsTooLate()
    sequences.rank()
    versions.rank()
    lives.rename()
    // A way to a violation is easier to follow when everybody keeps their name. The writers are not alike.
    if (!broken) sortAlike(readers)
  }

  /** What can't have an effect any more makes no difference, as long as the rules hold that say so. */
  function dropWhatIsTooLate(): void {
    if (broken === 'L1 stores blindly') return
    if (fence.isTooLate(store.entry)) clear(store.entry)
    for (const reader of readers) {
      if (reader.step === IDLE || reader.fresh || !fence.isTooLate(reader.load)) continue
      if (reader.step === FILLING) clear(reader)
      else reader.load.life = reader.load.stamp = 0
    }
  }
}

/**
 * The protocol as a state machine small enough to try *every* order of its steps: one key with one tag, readers that each
 * read `rounds` times, writers that each write once, and at most one fault. Each step here is atomic in reality too: a
 * script in Redis, a COMMIT, a snapshot. Clocks are left out on purpose: after a loss the sequence restarts at 0, the worst case.
 */
export type Fault = 'flush' | 'forget' | 'restart'

/** One rule of the protocol left out. */
export type Broken =
  | 'a fill is never refused'
  | 'an entry is stamped when it is stored'
  | 'a read does not look at the tags'
  | 'an invalidation precedes its commit'
  | 'the snapshot is older than the read'
  | 'a reader joins whatever load is under way'
  | 'a forgotten tag does not raise the floor'
  | 'a flush does not begin a new life'
  | 'a restart from an older copy does not begin a new life'

interface Store {
  life: number
  seq: number
  floor: number
  tag: number
  run: number
  entry: { life: number; stamp: number; version: number } | null
}
interface Reader {
  step: 'read' | 'load' | 'join' | 'fill' | 'done'
  round: number
  /** The highest version that was acknowledged when this read began. */
  expected: number
  life: number
  stamp: number
  version: number
}
interface State {
  committed: number
  acknowledged: number
  store: Store | null
  copy: Store | null
  run: number
  lives: number
  flight: { owner: number; life: number; stamp: number; version: number | null } | null
  readers: Reader[]
  writers: { step: 'first' | 'second' | 'done'; version: number }[]
  fault: 'none' | 'copied' | 'over'
}

/** Changes the state in place; true if a reader was answered with less than it may expect. */
type Step = (next: State) => boolean | undefined

export interface Exploration {
  states: number
  /** The steps that led to a read older than what had been acknowledged when it began. */
  violation: string[] | null
  hits: number
}

export function explore(options: {
  readers: number
  rounds: number
  writers: number
  fault?: Fault
  broken?: Broken
}): Exploration {
  const { broken, fault } = options
  let hits = 0

  const beginLife = (state: State, seq: number): Store => {
    const life = broken === 'a flush does not begin a new life' ? 1 : ++state.lives
    state.store = { life, seq, floor: seq, tag: 0, run: state.run, entry: null }
    return state.store
  }

  /** Ends the reader's round; true if it broke the promise. */
  const answer = (reader: Reader, version: number): boolean => {
    reader.round++
    reader.step = reader.round < options.rounds ? 'read' : 'done'
    return version < reader.expected
  }

  function read(state: State, reader: Reader, index: number): boolean {
    reader.expected = state.acknowledged
    let store = state.store ?? beginLife(state, 0)
    if (store.run !== state.run && broken !== 'a restart from an older copy does not begin a new life') {
      store = beginLife(state, store.seq + 1)
    }
    const { entry } = store
    const ignoresTags = broken === 'a read does not look at the tags'
    if (
      entry &&
      entry.life === store.life &&
      store.floor <= entry.stamp &&
      (ignoresTags || store.tag <= entry.stamp)
    ) {
      hits++
      return answer(reader, entry.version)
    }
    reader.life = store.life
    reader.stamp = store.seq
    const { flight } = state
    const joinsAny = broken === 'a reader joins whatever load is under way'
    if (flight && (joinsAny || (flight.life === reader.life && flight.stamp >= reader.stamp))) {
      reader.step = 'join'
    } else if (broken === 'the snapshot is older than the read') {
      reader.step = 'fill'
    } else {
      reader.step = 'load'
      state.flight = { owner: index, life: reader.life, stamp: reader.stamp, version: null }
    }
    return false
  }

  function fill(state: State, reader: Reader): void {
    const { store } = state
    if (!store) return
    if (broken !== 'a fill is never refused') {
      const stamp = broken === 'an entry is stamped when it is stored' ? store.seq : reader.stamp
      if (store.life !== reader.life || store.floor > stamp || store.tag > stamp) return
      if (store.entry?.life === reader.life && store.entry.stamp > stamp) return
    }
    const stamp =
      broken === 'an entry is stamped when it is stored' || broken === 'a fill is never refused'
        ? store.seq
        : reader.stamp
    store.entry = { life: reader.life, stamp, version: reader.version }
  }

  /** Each possible next step: its name, and the state that it leads to, changed in place. */
  function* steps(state: State): Generator<[string, Step]> {
    for (const [i, reader] of state.readers.entries()) {
      const me = (next: State) => next.readers[i]!
      if (
        reader.step === 'read' &&
        broken === 'the snapshot is older than the read' &&
        reader.version === 0
      ) {
        yield [
          `reader ${i} takes its snapshot`,
          (next) => {
            me(next).version = next.committed
            return false
          },
        ]
      } else if (reader.step === 'read') {
        yield [`reader ${i} READ`, (next) => read(next, me(next), i)]
      } else if (reader.step === 'load') {
        yield [
          `reader ${i} LOAD`,
          (next) => {
            me(next).version = next.committed
            me(next).step = 'fill'
            if (next.flight?.owner === i) next.flight.version = next.committed
            return false
          },
        ]
      } else if (reader.step === 'join' && state.flight && state.flight.version !== null) {
        yield [
          `reader ${i} is answered by the load it joined`,
          (next) => answer(me(next), next.flight!.version!),
        ]
      } else if (reader.step === 'fill' && !state.readers.some(({ step }) => step === 'join')) {
        // A load lands when nobody waits for it any more: later than in reality, where it could answer only those who joined before.
        yield [
          `reader ${i} FILL`,
          (next) => {
            const self = me(next)
            fill(next, self)
            if (next.flight?.owner === i) next.flight = null
            const violated = answer(self, self.version)
            self.version = 0
            return violated
          },
        ]
      }
    }

    const commit = (next: State, i: number) => {
      next.committed++
      next.writers[i]!.version = next.committed
    }
    const invalidate = (next: State, i: number) => {
      const store = next.store ?? beginLife(next, 0)
      store.seq += 1
      store.tag = store.seq
      next.acknowledged = Math.max(next.acknowledged, next.writers[i]!.version)
    }
    const order =
      broken === 'an invalidation precedes its commit' ? [invalidate, commit] : [commit, invalidate]
    for (const [i, writer] of state.writers.entries()) {
      if (writer.step === 'done') continue
      const act = order[writer.step === 'first' ? 0 : 1]!
      yield [
        `writer ${i} ${act === commit ? 'COMMIT' : 'INVALIDATE'}`,
        (next) => {
          act(next, i)
          next.writers[i]!.step = writer.step === 'first' ? 'second' : 'done'
          // In the wrong order the acknowledgement is what the caller sees: after both.
          if (broken === 'an invalidation precedes its commit' && writer.step === 'second') {
            next.acknowledged = Math.max(next.acknowledged, next.writers[i]!.version)
          }
          return false
        },
      ]
    }

    if (fault && state.fault !== 'over') yield* faultSteps(state, fault)
  }

  function* faultSteps(state: State, fault: Fault): Generator<[string, Step]> {
    const once = (act: (next: State) => void): Step => {
      return (next) => {
        next.fault = 'over'
        act(next)
        return false
      }
    }
    if (fault === 'flush') {
      const flush = once((next) => {
        next.store = null
      })
      yield ['Redis is FLUSHED', flush]
    } else if (fault === 'forget' && state.store && state.store.tag > 0) {
      const forget = once(({ store }) => {
        if (broken !== 'a forgotten tag does not raise the floor')
          store!.floor = Math.max(store!.floor, store!.tag)
        store!.tag = 0
      })
      yield ['the tag is forgotten', forget]
    } else if (fault === 'restart' && state.fault === 'none') {
      const copy: Step = (next) => {
        next.copy = structuredClone(next.store)
        next.fault = 'copied'
        return false
      }
      yield ['Redis writes a copy to disk', copy]
    } else if (fault === 'restart') {
      const restart = once((next) => {
        next.store = next.copy
        next.copy = null
        next.run = 2
      })
      yield ['Redis restarts from its copy', restart]
    }
  }

  const first: State = {
    committed: 1,
    acknowledged: 1,
    store: null,
    copy: null,
    run: 1,
    lives: 0,
    flight: null,
    readers: Array.from({ length: options.readers }, () => ({
      step: 'read',
      round: 0,
      expected: 0,
      life: 0,
      stamp: 0,
      version: 0,
    })),
    writers: Array.from({ length: options.writers }, () => ({ step: 'first', version: 0 })),
    fault: 'none',
  }
  const start = JSON.stringify(first)
  const from = new Map<string, [string, string] | null>([[start, null]])
  const queue = [start]
  for (let at = 0; at < queue.length; at++) {
    const text = queue[at]!
    for (const [name, act] of steps(JSON.parse(text) as State)) {
      const next = JSON.parse(text) as State
      const violated = act(next)
      if (violated) return { states: from.size, hits, violation: [...path(from, text), name] }
      const key = JSON.stringify(next)
      if (from.has(key)) continue
      from.set(key, [text, name])
      queue.push(key)
    }
  }
  return { states: from.size, hits, violation: null }
}

function path(from: Map<string, [string, string] | null>, text: string): string[] {
  const names: string[] = []
  for (let at = from.get(text); at; at = from.get(at[0])) names.unshift(at[1])
  return names
}

/** One thing that may happen, atomic in reality too: a script in Redis, a COMMIT, a snapshot, the delivery of a message. */
interface Step {
  readonly name: string
  /** Can it happen in the state that is in memory? */
  readonly may: () => boolean
  /** Makes it happen there. True: and that broke the promise. */
  readonly happen: () => boolean
}

/** A state machine whose state at the moment is in `memory`, where exploring puts one state after the other. */
export interface Model {
  /** Whole words; holds the first state when the exploration begins. */
  readonly memory: Uint8Array
  readonly steps: readonly Step[]
  /** Turns the state in memory into the one that stands for all that are like it. */
  readonly canonical: () => void
}

/** What exploring a model found. */
export interface Exploration {
  readonly states: number
  /** How many steps were taken, from all states together. */
  readonly transitions: number
  /** Steps that never happened, whoever would have taken them: of these nothing has been shown. */
  readonly never: readonly string[]
  /** A shortest way to a broken promise, or null when all states have been seen without one. */
  readonly violation: readonly string[] | null
  readonly seconds: number
}

/** Collects the steps of a model. */
export function createSteps() {
  const steps: Step[] = []
  /** `happen` may return anything: only true says that the promise was broken. */
  const step = (name: string, may: () => boolean, happen: () => unknown): void => {
    steps.push({ name, may, happen: () => happen() === true })
  }
  return { steps, step }
}

/** Visits every state that can be reached, those in fewer steps first, until there are no more or the promise is broken. */
export function explore({ memory, steps, canonical }: Model): Exploration {
  const began = performance.now()
  const present = new Int32Array(memory.buffer)
  const states = createStates(present.length)
  const taken = new Float64Array(steps.length)
  let broken: { from: number; step: number } | undefined

  canonical()
  states.add(present, 0, 0)
  for (let from = 0; from < states.count() && !broken; from++) {
    states.get(from, present)
    for (let step = 0; step < steps.length; step++) {
      const { may, happen } = steps[step]!
      if (!may()) continue
      taken[step]!++
      if (happen()) {
        broken = { from, step }
        break
      }
      canonical()
      states.add(present, from, step)
      states.get(from, present)
    }
  }

  const sums = new Map<string, number>()
  steps.forEach(({ name }, i) => {
    const whoever = name.replace(/\b\d+/g, '#')
    sums.set(whoever, (sums.get(whoever) ?? 0) + taken[i]!)
  })
  return {
    states: states.count(),
    transitions: taken.reduce((sum, times) => sum + times, 0),
    never: [...sums].filter(([, times]) => times === 0).map(([name]) => name),
    violation: broken ? wayTo(broken) : null,
    seconds: (performance.now() - began) / 1000,
  }

  function wayTo(last: { from: number; step: number }): string[] {
    const names = [steps[last.step]!.name]
    for (let at = last.from; at > 0; ) {
      const { from, step } = states.origin(at)
      names.unshift(steps[step]!.name)
      at = from
    }
    return names
  }
}

// jest puts each test file into a context of its own, where every look at a global is slow.
const { imul } = Math

const FIRST_CAPACITY = 1 << 12

/**
 * All states seen and how each was reached: arrays of numbers, and an open hash table of the places in them. A Set of strings would
 * take many times the memory, and the time to build them.
 */
function createStates(size: number) {
  let capacity = FIRST_CAPACITY
  let words = new Int32Array(capacity * size)
  let origins = new Int32Array(capacity)
  let steps = new Uint8Array(capacity)
  let table = new Int32Array(capacity * 2).fill(-1)
  let count = 0

  function hash(source: Int32Array, start: number): number {
    let h = 0
    for (let i = start; i < start + size; i++) {
      h = imul(h ^ source[i]!, 0x9e3779b1)
      h ^= h >>> 15
    }
    h = imul(h, 0x85ebca6b)
    return (h ^ (h >>> 13)) & (table.length - 1)
  }

  /** Where in the table the state is, or would be. */
  function slotOf(source: Int32Array, start: number): number {
    let slot = hash(source, start)
    for (let found = table[slot]!; found >= 0; found = table[slot]!) {
      let i = 0
      while (i < size && words[found * size + i] === source[start + i]) i++
      if (i === size) break
      slot = (slot + 1) & (table.length - 1)
    }
    return slot
  }

  function grow(): void {
    capacity *= 2
    const [oldWords, oldOrigins, oldSteps] = [words, origins, steps]
    words = new Int32Array(capacity * size)
    words.set(oldWords)
    origins = new Int32Array(capacity)
    origins.set(oldOrigins)
    steps = new Uint8Array(capacity)
    steps.set(oldSteps)
    table = new Int32Array(capacity * 2).fill(-1)
    for (let i = 0; i < count; i++) table[slotOf(words, i * size)] = i
  }

  return {
    count: () => count,
    get(i: number, into: Int32Array): void {
      for (let word = 0, at = i * size; word < size; word++, at++) into[word] = words[at]!
    },
    origin: (i: number) => ({ from: origins[i]!, step: steps[i]! }),
    /** Unless it is there. */
    add(state: Int32Array, from: number, step: number): void {
      let slot = slotOf(state, 0)
      if (table[slot]! >= 0) return
      if (count === capacity) {
        grow()
        slot = slotOf(state, 0)
      }
      words.set(state, count * size)
      origins[count] = from
      steps[count] = step
      table[slot] = count++
    },
  }
}

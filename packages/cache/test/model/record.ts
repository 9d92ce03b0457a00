/** A tree of small whole numbers: what a model's state is made of. An array holds records of one shape. */
export interface Shape {
  readonly [field: string]: number | Shape | readonly Shape[]
}

/** A record of a shape, to be read and changed like any object, although its numbers lie in bytes. */
export type Rec<S> = {
  -readonly [F in keyof S]: S[F] extends number
    ? number
    : S[F] extends readonly (infer E)[]
      ? Rec<E>[]
      : Rec<S[F]>
}

/** Where a record lies. */
const PLACE = Symbol('place')
interface Placed {
  readonly [PLACE]: {
    readonly memory: Uint8Array
    readonly base: number
    readonly size: number
    /** Of its own numbers, and not of the records in it. */
    readonly offsets: ReadonlyMap<string, number>
    readonly inner: readonly object[]
  }
}
const placeOf = (record: object) => (record as Placed)[PLACE]

/**
 * Lays a state out in bytes, one for each number, so that millions of states can be kept, compared and hashed cheaply, and
 * gives the record through which a model reads and changes the state that is in `memory` at the moment.
 */
export function layOut<S extends Shape>(initial: S): { memory: Uint8Array; state: Rec<S> } {
  // In whole words: that is how they are compared and hashed.
  const memory = new Uint8Array(Math.ceil(sizeOf(initial) / 4) * 4)
  const state = compile(initial, memory)(0)
  assign(state, initial)
  return { memory, state: state as Rec<S> }
}

/** Makes `to` equal to `from`, a record of the same shape. */
export function copy<R extends object>(from: R, to: R): void {
  const { memory, base, size } = placeOf(from)
  memory.copyWithin(placeOf(to).base, base, base + size)
}

/** Sets every number of a record to 0. */
export function clear(record: object): void {
  const { memory, base, size } = placeOf(record)
  for (let i = base; i < base + size; i++) memory[i] = 0
}

/** Exchanges two records of one shape. */
export function swap<R extends object>(a: R, b: R): void {
  const { memory, base, size } = placeOf(a)
  const other = placeOf(b).base
  for (let i = 0; i < size; i++) {
    const byte = memory[base + i]!
    memory[base + i] = memory[other + i]!
    memory[other + i] = byte
  }
}

/** Negative, 0 or positive: an order, no matter which, of the records of one shape. */
export function compare<R extends object>(a: R, b: R): number {
  const { memory, base, size } = placeOf(a)
  const other = placeOf(b).base
  for (let i = 0; i < size; i++) {
    const difference = memory[base + i]! - memory[other + i]!
    if (difference !== 0) return difference
  }
  return 0
}

/** Where the numbers of these names lie, in a record and in all records in it. */
export function addressesOf(record: object, names: readonly string[]): number[] {
  const { base, offsets, inner } = placeOf(record)
  const own = names.filter((name) => offsets.has(name)).map((name) => base + offsets.get(name)!)
  return [...own, ...inner.flatMap((part) => addressesOf(part, names))]
}

function sizeOf(shape: Shape): number {
  return Object.values(shape).reduce<number>((sum, part) => {
    if (typeof part === 'number') return sum + 1
    return sum + [part].flat().reduce((all, each) => all + sizeOf(each), 0)
  }, 0)
}

/**
 * Makes records of a shape. All of them have one prototype, with the accessors of its numbers: so the engine compiles `reader.step`
 * once for all readers.
 */
function compile(shape: Shape, memory: Uint8Array): (base: number) => object {
  const prototype = {}
  const offsets = new Map<string, number>()
  const parts: {
    field: string
    records: { offset: number; create: (base: number) => object }[]
    list: boolean
  }[] = []
  let size = 0
  for (const [field, part] of Object.entries(shape)) {
    if (typeof part === 'number') {
      const offset = size++
      offsets.set(field, offset)
      Object.defineProperty(prototype, field, {
        get(this: { at: number }) {
          return memory[this.at + offset]
        },
        set(this: { at: number }, value: number) {
          memory[this.at + offset] = value
        },
      })
      continue
    }
    const shapes = [part].flat() as Shape[]
    const create = compile(shapes[0] ?? {}, memory)
    const step = sizeOf(shapes[0] ?? {})
    const start = size
    parts.push({
      field,
      records: shapes.map((_, i) => ({ offset: start + i * step, create })),
      list: Array.isArray(part),
    })
    size += step * shapes.length
  }
  return (base) => {
    const record = Object.create(prototype) as Record<string | symbol, unknown>
    const inner: object[] = []
    record.at = base
    for (const { field, records, list } of parts) {
      const created = records.map(({ offset, create }) => create(base + offset))
      record[field] = list ? created : created[0]
      inner.push(...created)
    }
    record[PLACE] = { memory, base, size, offsets, inner } satisfies Placed[typeof PLACE]
    return record
  }
}

function assign(record: object, initial: Shape): void {
  for (const [field, part] of Object.entries(initial)) {
    const target = record as Record<string, unknown>
    if (typeof part === 'number') {
      target[field] = part
      continue
    }
    const records = [target[field]].flat() as object[]
    for (const [i, each] of ([part].flat() as Shape[]).entries()) assign(records[i]!, each)
  }
}

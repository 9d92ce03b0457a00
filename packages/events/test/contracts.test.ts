import { expect, test } from '@jest/globals'
import { parse } from 'yaml'
import { z } from 'zod'
import {
  checkCompatible,
  checkReadable,
  dataSchema,
  defineEvent,
  defineReading,
  eventContracts,
  findUnreadable,
} from '../src/index.ts'

const base = {
  id: z.string(),
  amount: z.int().min(0),
  kind: z.enum(['A', 'B']),
  note: z.string().optional(),
  owner: z.object({ name: z.string().nullable() }),
  tags: z.array(z.string()),
}
const event = (shape: z.ZodRawShape) =>
  defineEvent({
    type: 'freshet.shop.thing-changed.v1',
    topic: 'shop.thing',
    subject: () => 'x',
    data: z.object(shape),
  })
const schema = (shape: z.ZodRawShape) => dataSchema(event(shape))

test.each<[string, z.ZodRawShape]>([
  ['nothing', {}],
  ['an optional field that is new', { extra: z.string().optional() }],
  ['a narrower number', { amount: z.int().min(1).max(9) }],
  ['a positive number instead of one from 0', { amount: z.int().positive() }],
  ['fewer values', { kind: z.enum(['A']) }],
  ['an optional field that is always sent now', { note: z.string().optional() }],
  ['a nullable field that is never null now', { owner: z.object({ name: z.string() }) }],
  ['a description', { id: z.string().describe('of the thing') }],
])('a change that breaks nobody: %s', (_what, change) => {
  expect(checkCompatible(schema(base), schema({ ...base, ...change }))).toEqual([])
})

const { note: _note, ...withoutNote } = base
const { id: _id, ...withoutId } = base
test.each<[string, z.ZodRawShape, string, string]>([
  ['a field removed', withoutId, 'data.id', 'removed'],
  ['an optional field removed', withoutNote, 'data.note', 'removed'],
  ['a field made optional', { ...base, id: z.string().optional() }, 'data.id', 'made-optional'],
  ['a field made required', { ...base, note: z.string() }, 'data.note', 'made-required'],
  ['a new required field', { ...base, extra: z.string() }, 'data.extra', 'made-required'],
  ['another type', { ...base, id: z.int() }, 'data.id', 'type-changed'],
  ['a fraction where integers were', { ...base, amount: z.number().min(0) }, 'data.amount', 'type-changed'],
  ['null where there was none', { ...base, id: z.string().nullable() }, 'data.id', 'type-changed'],
  ['a lower limit', { ...base, amount: z.int().min(-1) }, 'data.amount', 'widened'],
  ['a new value', { ...base, kind: z.enum(['A', 'B', 'C']) }, 'data.kind', 'widened'],
  ['any text instead of a list of values', { ...base, kind: z.string() }, 'data.kind', 'widened'],
  [
    'a deep change',
    { ...base, owner: z.object({ name: z.int().nullable() }) },
    'data.owner.name',
    'type-changed',
  ],
  ['a change of the elements', { ...base, tags: z.array(z.int()) }, 'data.tags[]', 'type-changed'],
])('a change that breaks readers is named: %s', (_what, after, path, kind) => {
  expect(checkCompatible(schema(base), schema(after))).toMatchObject([{ path, kind }])
})

test('a reader may want less than the writer promises, not more', () => {
  const writer = schema({ ...base, currency: z.string().length(3) })
  expect(checkReadable(writer, schema({ id: z.string(), amount: z.number() }))).toEqual([])
  expect(checkReadable(writer, schema({ missing: z.string().optional() }))).toEqual([])
  expect(checkReadable(writer, schema({ currency: z.string().regex(/^[A-Z]{3}$/) }))).toMatchObject([
    { kind: 'widened' },
  ])
  expect(checkReadable(writer, schema({ note: z.string() }))).toMatchObject([
    { path: 'data.note', kind: 'made-optional' },
  ])
})

test('understands unions, references and dates', () => {
  const node: z.ZodType = z.object({
    name: z.string(),
    get children() {
      return z.array(node)
    },
  })
  const shape = { at: z.iso.datetime(), either: z.union([z.string(), z.object({ a: z.int() })]), node }
  expect(checkCompatible(schema(shape), schema(shape))).toEqual([])
  const changed = { ...shape, either: z.union([z.string(), z.object({ a: z.string() })]) }
  expect(checkCompatible(schema(shape), schema(changed))).toHaveLength(1)
})

test('finds what a consumer reads and nobody promises', () => {
  const reading = (type: string, topic: string, shape: z.ZodRawShape) => ({
    service: 'users',
    file: 'x.events.ts',
    reading: defineReading({ type, topic, data: z.object(shape) }),
  })
  const owned = event(base)
  expect(findUnreadable([owned], [reading(owned.type, owned.topic, { id: z.string() })])).toEqual([])
  expect(
    findUnreadable(
      [owned],
      [
        reading('freshet.shop.nothing.v1', 'shop.thing', {}),
        reading(owned.type, 'shop.other', {}),
        reading(owned.type, owned.topic, { id: z.int() }),
      ],
    ),
  ).toEqual([
    'users reads freshet.shop.nothing.v1, which nobody sends (x.events.ts)',
    'users reads freshet.shop.thing-changed.v1 from shop.other; it is sent to shop.thing (x.events.ts)',
    "users can't read all of freshet.shop.thing-changed.v1: data.id type-changed: is string, not integer (x.events.ts)",
  ])
})

test('writes a schema per type and an AsyncAPI document whose references all resolve', () => {
  const files = eventContracts([event(base)])
  expect(Object.keys(files)).toEqual([
    'services/shop/events/freshet.shop.thing-changed.v1.json',
    'docs/asyncapi.yaml',
  ])
  const document = parse(files['docs/asyncapi.yaml']!) as object
  const references = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map((match) => match[1]!)
  expect(references.length).toBeGreaterThan(4)
  for (const reference of references) {
    const target = reference
      .split('/')
      .reduce<unknown>((value, part) => (value as Record<string, unknown>)?.[part], document)
    expect({ reference, target }).toMatchObject({ reference, target: expect.anything() })
  }
})

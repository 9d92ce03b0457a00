import { isDeepStrictEqual } from 'node:util'

/** The part of JSON Schema that zod's event schemas use. */
export interface JsonSchema {
  readonly $ref?: string
  readonly $defs?: Readonly<Record<string, JsonSchema>>
  readonly type?: string | readonly string[]
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: readonly string[]
  readonly additionalProperties?: boolean | JsonSchema
  readonly items?: JsonSchema
  readonly anyOf?: readonly JsonSchema[]
  readonly oneOf?: readonly JsonSchema[]
  readonly enum?: readonly unknown[]
  readonly const?: unknown
  readonly [keyword: string]: unknown
}

/** Why some events can't be read: `path` names the field. */
export interface SchemaBreak {
  readonly path: string
  readonly kind: 'removed' | 'made-optional' | 'made-required' | 'type-changed' | 'widened'
  readonly message: string
}

/**
 * What keeps a reader from reading everything that a writer may send; empty when it can. Fields that only the writer
 * knows are ignored, as a tolerant reader does.
 */
export function checkReadable(writer: JsonSchema, reader: JsonSchema): SchemaBreak[] {
  return [
    ...compare(
      { writer: resolver(writer), reader: resolver(reader), lostOptionals: false, seen: new Set<string>() },
      writer,
      reader,
      'data',
    ),
  ]
}

/**
 * What a change of an event's schema breaks. Readers of the old schema must be able to read new events: nothing
 * removed, made optional, changed, or allowed that was not. And the events that the topic still keeps must fit the
 * new schema: nothing made required. Anything else is a new version of the type.
 */
export function checkCompatible(before: JsonSchema, after: JsonSchema): SchemaBreak[] {
  const sides = {
    writer: resolver(after),
    reader: resolver(before),
    lostOptionals: true,
    seen: new Set<string>(),
  }
  const forward = [...compare(sides, after, before, 'data')]
  const backward = checkReadable(before, after)
    .filter(({ kind }) => kind === 'removed' || kind === 'made-optional')
    .map(({ path }) => broken(path, 'made-required', 'events sent before may not have it'))
  return [...forward, ...backward]
}

type Resolve = (schema: JsonSchema) => JsonSchema
interface Sides {
  readonly writer: Resolve
  readonly reader: Resolve
  readonly lostOptionals: boolean
  readonly seen: Set<string>
}

const broken = (path: string, kind: SchemaBreak['kind'], message: string): SchemaBreak => ({
  path,
  kind,
  message,
})

function resolver(root: JsonSchema): Resolve {
  return function resolve(schema) {
    if (schema.$ref === undefined) return schema
    if (schema.$ref === '#') return root
    const name = /^#\/(?:\$defs|definitions)\/(.+)$/.exec(schema.$ref)?.[1] ?? ''
    return resolve(root.$defs?.[name] ?? {})
  }
}

function* compare(
  sides: Sides,
  writer: JsonSchema,
  reader: JsonSchema,
  path: string,
): Generator<SchemaBreak> {
  // A recursive schema: what is being compared already needs no second look.
  const pair = `${writer.$ref} ${reader.$ref}`
  if (writer.$ref !== undefined && reader.$ref !== undefined && sides.seen.has(pair)) return
  sides.seen.add(pair)
  const sent = alternatives(sides.writer, writer)
  const read = alternatives(sides.reader, reader)
  for (const one of sent) {
    // Of several that could read it, one is enough; the reasons of the closest one say the most.
    const attempts = read.map((other) => [...compareOne(sides, one, other, path)])
    const best = attempts.sort(
      (a, b) => a.length - b.length || Number(isTypeChange(a)) - Number(isTypeChange(b)),
    )[0]
    yield* best ?? []
  }
}

const isTypeChange = (breaks: readonly SchemaBreak[]) => breaks[0]?.kind === 'type-changed'

/** A union's members, each of one type; a schema that is none is its only member. */
function alternatives(resolve: Resolve, schema: JsonSchema): JsonSchema[] {
  const { anyOf, oneOf, ...own } = resolve(schema)
  const members = anyOf ?? oneOf
  if (members) return members.flatMap((member) => alternatives(resolve, member))
  const { type } = own
  if (Array.isArray(type)) return type.map((one: string) => ({ ...own, type: one }))
  return [own]
}

function* compareOne(
  sides: Sides,
  writer: JsonSchema,
  reader: JsonSchema,
  path: string,
): Generator<SchemaBreak> {
  if (isAnything(reader)) return
  const type = typeOf(writer)
  const wanted = typeOf(reader)
  if (type !== wanted && !(type === 'integer' && wanted === 'number')) {
    yield broken(path, 'type-changed', `is ${type ?? 'anything'}, not ${wanted}`)
    return
  }
  const values = valuesOf(writer)
  yield* compareValues(values, valuesOf(reader), path)
  // A value of a fixed list keeps every limit that its reader may have on texts or numbers, or the list would be at fault.
  if (!values) yield* compareLimits(writer, reader, path)
  if (wanted === 'object') yield* compareFields(sides, writer, reader, path)
  if (wanted === 'array' && reader.items) yield* compare(sides, writer.items ?? {}, reader.items, `${path}[]`)
}

const annotations = new Set(['description', 'title', 'examples', 'default', '$schema', '$id', '$defs'])
const isAnything = (schema: JsonSchema) => Object.keys(schema).every((keyword) => annotations.has(keyword))

function typeOf(schema: JsonSchema): string | undefined {
  if (typeof schema.type === 'string') return schema.type
  const sample = valuesOf(schema)?.[0]
  return sample === undefined ? undefined : sample === null ? 'null' : typeof sample
}

const valuesOf = (schema: JsonSchema): readonly unknown[] | undefined =>
  schema.enum ?? ('const' in schema ? [schema.const] : undefined)

function* compareValues(
  sent: readonly unknown[] | undefined,
  read: readonly unknown[] | undefined,
  path: string,
): Generator<SchemaBreak> {
  if (!read) return
  if (!sent)
    yield broken(
      path,
      'widened',
      `may be any value, not only ${read.map((value) => JSON.stringify(value)).join(', ')}`,
    )
  const unknown = sent?.filter((value) => !read.includes(value)) ?? []
  if (unknown.length > 0) {
    yield broken(path, 'widened', `may be ${unknown.map((value) => JSON.stringify(value)).join(', ')}`)
  }
}

/** What bounds a value from below, and from above. */
const lower = ['minimum', 'exclusiveMinimum', 'minLength', 'minItems'] as const
const upper = ['maximum', 'exclusiveMaximum', 'maxLength', 'maxItems'] as const
/** Whether one pattern allows all that another does can't be decided here: these must be the same. */
const rules = [
  'pattern',
  'format',
  'multipleOf',
  'uniqueItems',
  'allOf',
  'not',
  'prefixItems',
  'propertyNames',
]

/** The limits of the reader that the writer doesn't keep. */
function* compareLimits(writer: JsonSchema, reader: JsonSchema, path: string): Generator<SchemaBreak> {
  for (const limit of [...lower, ...upper]) {
    if (keepsLimit(writer, reader, limit)) continue
    const bounds = [...lower, ...upper].filter((name) => name in writer)
    const has = bounds.map((name) => `${name} ${String(writer[name])}`).join(', ') || 'no limit'
    yield broken(path, 'widened', `the reader wants ${limit} ${String(reader[limit])}, the writer has ${has}`)
  }
  for (const rule of rules) {
    if (reader[rule] === undefined || isDeepStrictEqual(writer[rule], reader[rule])) continue
    const [wanted, has] = [JSON.stringify(reader[rule]), JSON.stringify(writer[rule]) ?? 'none']
    yield broken(path, 'widened', `the reader wants ${rule} ${wanted}, the writer has ${has}`)
  }
}

/** For numbers, `x > 0` keeps `x >= 0`, and `x >= 1` keeps `x > 0`. */
const counterpart: Readonly<Record<string, string>> = {
  minimum: 'exclusiveMinimum',
  exclusiveMinimum: 'minimum',
  maximum: 'exclusiveMaximum',
  exclusiveMaximum: 'maximum',
}

function keepsLimit(writer: JsonSchema, reader: JsonSchema, limit: string): boolean {
  const wanted = reader[limit]
  if (typeof wanted !== 'number') return true
  const isLower = lower.some((name) => name === limit)
  const inside = (value: unknown, mayTouch: boolean) =>
    (typeof value === 'number' && (isLower ? value > wanted : value < wanted)) ||
    (mayTouch && value === wanted)
  return (
    inside(writer[limit], true) || inside(writer[counterpart[limit] ?? ''], !limit.startsWith('exclusive'))
  )
}

function* compareFields(
  sides: Sides,
  writer: JsonSchema,
  reader: JsonSchema,
  path: string,
): Generator<SchemaBreak> {
  for (const [name, wanted] of Object.entries(reader.properties ?? {})) {
    const field = `${path}.${name}`
    const sent = writer.properties?.[name]
    const isRequired = reader.required?.includes(name) ?? false
    if (!sent) {
      if (isRequired || sides.lostOptionals) yield broken(field, 'removed', 'the writer does not send it')
      continue
    }
    if (isRequired && !writer.required?.includes(name))
      yield broken(field, 'made-optional', 'the writer may leave it out')
    yield* compare(sides, sent, wanted, field)
  }
  if (reader.additionalProperties === false) {
    const extra = Object.keys(writer.properties ?? {}).find((name) => !(name in (reader.properties ?? {})))
    if (extra) yield broken(`${path}.${extra}`, 'widened', 'the reader refuses fields that it does not know')
  } else if (typeof reader.additionalProperties === 'object') {
    const sent = typeof writer.additionalProperties === 'object' ? writer.additionalProperties : {}
    yield* compare(sides, sent, reader.additionalProperties, `${path}.*`)
  }
}

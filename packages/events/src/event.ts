import { randomUUID } from 'node:crypto'
import { z } from 'zod'

/** What a consumer needs to know of an event type: where it travels and the part of its data that it reads. */
export interface EventReading<Data = unknown> {
  readonly type: string
  readonly topic: string
  readonly data: z.ZodType<Data>
}

/** An event type as its owner declares it. */
export interface EventDefinition<Data = unknown> extends EventReading<Data> {
  /** The service that publishes it: the second part of the type. */
  readonly owner: string
  readonly description: string
  /** The aggregate's id: CloudEvents' `subject` and the Kafka key, so an aggregate's events stay in order. */
  // Method syntax on purpose: definitions of different events must fit one array, which parameter bivariance allows.
  subject(data: Data): string
}

/** A CloudEvents 1.0 event in structured JSON, with the distributed tracing extension. */
export interface CloudEvent<Data = unknown> {
  readonly specversion: '1.0'
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  /** RFC 3339, UTC. */
  readonly time: string
  readonly dataschema?: string
  readonly datacontenttype?: string
  /** Of the span that made the event. Each later hop's own context rides in the Kafka headers. */
  readonly traceparent?: string
  readonly data: Data
}

/** An event to be published: its type and its data. */
export interface NewEvent<Data = unknown> {
  readonly event: EventDefinition<Data>
  readonly data: Data
}

const eventType = /^freshet\.([a-z][a-z0-9-]*)\.[a-z][a-z0-9-]*\.v[1-9]\d*$/

/**
 * Declares an event type that this service owns.
 *
 * @example
 * export const productChanged = defineEvent({
 *   type: 'freshet.catalog.product-changed.v1',
 *   topic: 'catalog.product',
 *   description: 'A product was created or changed.',
 *   subject: (data) => data.productId,
 *   data: z.object({ productId: z.string(), version: z.int() }),
 * })
 */
export function defineEvent<Schema extends z.ZodType>(definition: {
  type: string
  topic: string
  description?: string
  subject: (data: z.output<Schema>) => string
  data: Schema
}): EventDefinition<z.output<Schema>> {
  return Object.freeze({
    ...reading(definition),
    owner: ownerOf(definition.type),
    description: definition.description ?? '',
    subject: definition.subject,
  })
}

/**
 * Declares what a consumer reads of another service's event. Name only the fields that are used: unknown ones are
 * ignored (tolerant reader), and `checkReadable` proves that the owner's schema provides them.
 */
export function defineReading<Schema extends z.ZodType>(definition: {
  type: string
  topic: string
  data: Schema
}): EventReading<z.output<Schema>> {
  return Object.freeze(reading(definition))
}

function reading<Schema extends z.ZodType>(definition: { type: string; topic: string; data: Schema }) {
  ownerOf(definition.type)
  return {
    type: definition.type,
    topic: definition.topic,
    data: definition.data as unknown as z.ZodType<z.output<Schema>>,
  }
}

function ownerOf(type: string): string {
  const owner = eventType.exec(type)?.[1]
  if (owner) return owner
  throw new TypeError(`Event type '${type}' is not of the form freshet.<owner>.<what-happened>.v<n>`)
}

/** The URI of a type's JSON Schema: the schema's `$id` and the events' `dataschema`. */
export const schemaUri = (type: string): string => `urn:freshet:schema:${type}`

/** One thing that is wrong with an event: `path` names the field, as in `data.price.amount`. */
export interface EventProblem {
  readonly path: string
  readonly message: string
}

/** The data given for a new event does not fit its schema: a bug of the writer, thrown before anything is stored. */
export class InvalidEventError extends Error {
  readonly code = 'EVENT_INVALID'
  readonly problems: readonly EventProblem[]
  constructor(type: string, problems: readonly EventProblem[]) {
    super(describe(`${type} can't be made`, problems))
    this.name = 'InvalidEventError'
    this.problems = problems
  }
}

/** Received bytes are not JSON (`EVENT_NOT_JSON`), not a CloudEvent (`EVENT_NOT_CLOUDEVENT`), or not the declared data (`EVENT_DATA_INVALID`). */
export class UnreadableEventError extends Error {
  readonly code: 'EVENT_NOT_JSON' | 'EVENT_NOT_CLOUDEVENT' | 'EVENT_DATA_INVALID'
  readonly problems: readonly EventProblem[]
  constructor(
    code: UnreadableEventError['code'],
    what: string,
    problems: readonly EventProblem[],
    options?: ErrorOptions,
  ) {
    super(describe(what, problems), options)
    this.name = 'UnreadableEventError'
    this.code = code
    this.problems = problems
  }
}

const describe = (what: string, problems: readonly EventProblem[]) =>
  `${what}: ${problems.map(({ path, message }) => (path ? `${path}: ${message}` : message)).join('; ')}`

const problemsOf = (error: z.ZodError, prefix: readonly string[] = []): EventProblem[] =>
  error.issues.map((issue) => ({
    path: [...prefix, ...issue.path.map(String)].join('.'),
    message: issue.message,
  }))

/**
 * Makes the event: checks the data, gives it an id and a time.
 *
 * @throws InvalidEventError naming every field that is wrong.
 */
export function makeEvent<Data>(
  source: string,
  { event, data }: NewEvent<Data>,
  traceparent?: string,
): CloudEvent<Data> {
  const parsed = event.data.safeParse(data)
  if (!parsed.success) throw new InvalidEventError(event.type, problemsOf(parsed.error, ['data']))
  const subject = event.subject(parsed.data)
  if (!subject) throw new InvalidEventError(event.type, [{ path: 'subject', message: 'is empty' }])
  return {
    specversion: '1.0',
    id: randomUUID(),
    source: `urn:freshet:${source}`,
    type: event.type,
    subject,
    time: new Date().toISOString(),
    dataschema: schemaUri(event.type),
    datacontenttype: 'application/json',
    ...(traceparent && { traceparent }),
    data: parsed.data,
  }
}

const filled = z.string().min(1)

/** Unknown attributes are CloudEvents extensions: allowed, ignored. */
const Envelope = z.object({
  specversion: z.literal('1.0'),
  id: filled,
  source: filled,
  type: filled,
  subject: filled,
  time: z.iso.datetime({ offset: true }),
  dataschema: filled.optional(),
  datacontenttype: filled.optional(),
  traceparent: filled.optional(),
  data: z.unknown(),
})

/**
 * Reads the envelope only: the data is not checked yet, its type may be one that the reader doesn't know.
 *
 * @throws UnreadableEventError
 */
export function readEnvelope(bytes: Buffer | string): CloudEvent {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString())
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause)
    throw new UnreadableEventError('EVENT_NOT_JSON', 'Not JSON', [{ path: '', message }], { cause })
  }
  const envelope = Envelope.safeParse(json)
  if (envelope.success) return envelope.data
  throw new UnreadableEventError('EVENT_NOT_CLOUDEVENT', 'Not a CloudEvent', problemsOf(envelope.error))
}

/**
 * Reads the data of an event of this type.
 *
 * @throws UnreadableEventError naming the fields.
 */
export function readData<Data>(reading: EventReading<Data>, envelope: CloudEvent): CloudEvent<Data> {
  if (envelope.type !== reading.type) {
    const message = `is ${envelope.type}, not ${reading.type}`
    throw new UnreadableEventError('EVENT_DATA_INVALID', 'Another event', [{ path: 'type', message }])
  }
  const data = reading.data.safeParse(envelope.data)
  if (data.success) return { ...envelope, data: data.data }
  throw new UnreadableEventError('EVENT_DATA_INVALID', envelope.type, problemsOf(data.error, ['data']))
}

/**
 * Reads an event of a known type from bytes.
 *
 * @throws UnreadableEventError naming the fields.
 */
export function parseEvent<Data>(reading: EventReading<Data>, bytes: Buffer | string): CloudEvent<Data> {
  return readData(reading, readEnvelope(bytes))
}

import { stringify } from 'yaml'
import { z } from 'zod'
import { deadLetterTopic } from '../dead-letter.ts'
import { type EventDefinition, type EventReading, schemaUri } from '../event.ts'
import type { JsonSchema } from './compatibility.ts'

/**
 * The JSON Schema of an event's data. Of what zod reads, not of what it makes: unknown fields are allowed, because
 * readers ignore them.
 */
export function dataSchema(event: EventReading): JsonSchema {
  return z.toJSONSchema(event.data, { io: 'input', target: 'draft-2020-12' }) as JsonSchema
}

/** Where the schema of an event type is kept, from the repository's root. */
export const schemaFile = (event: EventDefinition): string =>
  `services/${event.owner}/events/${event.type}.json`

/** Where the AsyncAPI document is kept. */
export const asyncApiFile = 'docs/asyncapi.yaml'

/**
 * The contracts of all event types as files: one JSON Schema each, beside its owner, and an AsyncAPI 3 document.
 * They are generated, and committed, so that a review shows what a change does to consumers.
 *
 * @returns path from the repository's root -> text.
 */
export function eventContracts(events: readonly EventDefinition[]): Record<string, string> {
  const sorted = [...events].sort((a, b) => a.type.localeCompare(b.type))
  const twice = sorted.find((event, index) => sorted[index - 1]?.type === event.type)
  if (twice) throw new TypeError(`Event type ${twice.type} is declared twice`)
  const files: Record<string, string> = {}
  for (const event of sorted) {
    const { $schema, ...schema } = dataSchema(event)
    const described = {
      $schema,
      $id: schemaUri(event.type),
      title: event.type,
      description: event.description,
      ...schema,
    }
    files[schemaFile(event)] = `${JSON.stringify(described, null, 2)}\n`
  }
  const note = '# Generated from services/*/src/**/*.events.ts by `npm run generate`. Do not edit.\n'
  files[asyncApiFile] = note + stringify(asyncApi(sorted), { lineWidth: 110, aliasDuplicateObjects: false })
  return files
}

/** https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
function asyncApi(events: readonly EventDefinition[]) {
  const topics = [...new Set(events.map(({ topic }) => topic))].sort()
  const owners = [...new Set(events.map(({ owner }) => owner))].sort()
  const inTopic = (topic: string) => events.filter((event) => event.topic === topic)
  const message = (event: EventDefinition) => [event.type, { $ref: `#/components/messages/${event.type}` }]
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Freshet events',
      version: '1.0.0',
      description:
        'What the services tell each other. Every message is a CloudEvents 1.0 event in structured JSON mode, keyed by ' +
        'its subject: events of one subject keep their order. Delivery is at least once: `id` is the same for each copy. ' +
        `A message that a consumer gives up goes to the topic \`${deadLetterTopic('<service>')}\`.`,
    },
    defaultContentType: 'application/cloudevents+json',
    channels: Object.fromEntries(
      topics.map((topic) => [
        topic,
        {
          address: topic,
          messages: Object.fromEntries(inTopic(topic).map(message)),
          bindings: { kafka: { topic } },
        },
      ]),
    ),
    operations: Object.fromEntries(
      owners.flatMap((owner) =>
        topics
          .map((topic) => ({ topic, sent: inTopic(topic).filter((event) => event.owner === owner) }))
          .filter(({ sent }) => sent.length > 0)
          .map(({ topic, sent }) => [
            `${owner}.sends.${topic}`,
            {
              action: 'send',
              channel: { $ref: `#/channels/${topic}` },
              summary: `The service ${owner} tells of changes in what it owns.`,
              messages: sent.map(({ type }) => ({ $ref: `#/channels/${topic}/messages/${type}` })),
            },
          ]),
      ),
    ),
    components: {
      messages: Object.fromEntries(events.map((event) => [event.type, messageOf(event)])),
      schemas: {
        CloudEvent: cloudEvent,
        ...Object.fromEntries(events.map((event) => [event.type, componentSchema(event)])),
      },
    },
  }
}

const messageOf = (event: EventDefinition) => ({
  name: event.type,
  title: event.type,
  summary: event.description,
  contentType: 'application/cloudevents+json',
  headers: {
    type: 'object',
    properties: { traceparent: { type: 'string', description: 'W3C trace context of the send' } },
  },
  payload: {
    allOf: [
      { $ref: '#/components/schemas/CloudEvent' },
      {
        type: 'object',
        properties: {
          type: { const: event.type },
          dataschema: { const: schemaUri(event.type) },
          data: { $ref: `#/components/schemas/${event.type}` },
        },
      },
    ],
  },
  bindings: { kafka: { key: { type: 'string', description: "The event's subject" } } },
})

/** AsyncAPI's own dialect of JSON Schema is built on draft 7. */
function componentSchema(event: EventDefinition) {
  const { $schema: _dialect, ...schema } = z.toJSONSchema(event.data, { io: 'input', target: 'draft-7' })
  return schema
}

const cloudEvent = {
  type: 'object',
  description: 'https://github.com/cloudevents/spec/blob/v1.0.2/cloudevents/spec.md',
  required: ['specversion', 'id', 'source', 'type', 'subject', 'time', 'data'],
  properties: {
    specversion: { const: '1.0' },
    id: { type: 'string', format: 'uuid', description: 'Of the event; every copy of it has the same' },
    source: { type: 'string', format: 'uri', description: 'urn:freshet:<service>' },
    type: { type: 'string' },
    subject: { type: 'string', description: 'Id of the aggregate that changed; also the Kafka key' },
    time: { type: 'string', format: 'date-time' },
    dataschema: { type: 'string', format: 'uri' },
    datacontenttype: { const: 'application/json' },
    traceparent: { type: 'string', description: 'W3C trace context of the change that caused the event' },
    data: { type: 'object' },
  },
}

import { expect, test } from '@jest/globals'
import { z } from 'zod'
import {
  defineEvent,
  defineReading,
  InvalidEventError,
  makeEvent,
  parseEvent,
  readEnvelope,
  UnreadableEventError,
} from '../src/index.ts'

const priced = defineEvent({
  type: 'freshet.catalog.product-priced.v1',
  topic: 'catalog.product',
  description: 'A price changed.',
  subject: ({ productId }) => productId,
  data: z.object({
    productId: z.string(),
    price: z.object({ amount: z.int(), currency: z.string().length(3) }),
  }),
})
const data = { productId: '42', price: { amount: 1999, currency: 'EUR' } }

function caught(run: () => unknown): unknown {
  try {
    run()
  } catch (error) {
    return error
  }
  throw new Error('nothing was thrown')
}

test('makes a CloudEvent whose subject is the key', () => {
  const event = makeEvent(
    'catalog',
    { event: priced, data },
    '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
  )
  expect(event).toEqual({
    specversion: '1.0',
    id: expect.stringMatching(/^[0-9a-f-]{36}$/),
    source: 'urn:freshet:catalog',
    type: 'freshet.catalog.product-priced.v1',
    subject: '42',
    time: expect.stringMatching(/^\d{4}-\d\d-\d\dT.*Z$/),
    dataschema: 'urn:freshet:schema:freshet.catalog.product-priced.v1',
    datacontenttype: 'application/json',
    traceparent: '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01',
    data,
  })
  expect(parseEvent(priced, JSON.stringify(event))).toEqual(event)
})

test('refuses to make an event that its own schema refuses, and names every field', () => {
  const wrong = { productId: '42', price: { amount: 19.99, currency: 'EURO' } }
  const error = caught(() => makeEvent('catalog', { event: priced, data: wrong })) as InvalidEventError
  expect(error).toBeInstanceOf(InvalidEventError)
  expect(error.problems.map(({ path }) => path)).toEqual(['data.price.amount', 'data.price.currency'])
})

test('refuses an event without a subject: it would have no key, and no order', () => {
  expect(() => makeEvent('catalog', { event: priced, data: { ...data, productId: '' } })).toThrow(
    /subject: is empty/,
  )
})

test('a reader ignores fields that it does not name', () => {
  const reading = defineReading({
    type: priced.type,
    topic: priced.topic,
    data: z.object({ productId: z.string() }),
  })
  const bytes = Buffer.from(JSON.stringify(makeEvent('catalog', { event: priced, data })))
  expect(parseEvent(reading, bytes).data).toEqual({ productId: '42' })
})

test('keeps extensions of CloudEvents out of the way', () => {
  const event = { ...makeEvent('catalog', { event: priced, data }), partitionkey: '42', sequence: '7' }
  expect(readEnvelope(JSON.stringify(event)).id).toBe(event.id)
})

test.each([
  ['EVENT_NOT_JSON', '{', /Not JSON/, ['']],
  ['EVENT_NOT_CLOUDEVENT', '[]', /Not a CloudEvent/, ['']],
  [
    'EVENT_NOT_CLOUDEVENT',
    JSON.stringify({ ...makeEvent('catalog', { event: priced, data }), id: '', time: 'noon' }),
    /time/,
    ['id', 'time'],
  ],
  [
    'EVENT_DATA_INVALID',
    JSON.stringify(makeEvent('catalog', { event: priced, data })).replace('1999', '"much"'),
    /data\.price\.amount/,
    ['data.price.amount'],
  ],
  [
    'EVENT_DATA_INVALID',
    JSON.stringify({ ...makeEvent('catalog', { event: priced, data }), type: 'freshet.catalog.other.v1' }),
    /type: is freshet.catalog.other.v1/,
    ['type'],
  ],
] as const)('says what is unreadable: %s', (code, bytes, message, paths) => {
  const error = caught(() => parseEvent(priced, bytes)) as UnreadableEventError
  expect(error).toBeInstanceOf(UnreadableEventError)
  expect(error.code).toBe(code)
  expect(error.message).toMatch(message)
  expect(error.problems.map(({ path }) => path)).toEqual(paths)
})

test('a type must name its owner, what happened, and its version', () => {
  for (const type of [
    'catalog.product-changed.v1',
    'freshet.catalog.ProductChanged.v1',
    'freshet.catalog.product-changed',
  ]) {
    expect(() => defineReading({ type, topic: 'a', data: z.object({}) })).toThrow(/is not of the form/)
  }
})

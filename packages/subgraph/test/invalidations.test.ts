import { defineEvent } from '@freshet/events'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import { defineInvalidation, tagsOfEvents } from '../src/index.ts'

const declare = (name: string) =>
  defineEvent({
    type: `freshet.shop.${name}.v1`,
    topic: 'shop.things',
    subject: ({ id }) => id,
    data: z.object({ id: z.string() }),
  })
const renamed = declare('renamed')
const sold = declare('sold')
const invalidations = [
  defineInvalidation(renamed, { tagsOf: ({ id }) => [`thing:${id}`, 'list'], coarseTags: ['thing'] }),
]

test('gives the tags of all events, each once', () => {
  const events = ['1', '2', '1'].map((id) => ({ event: renamed, data: { id } }))
  expect(tagsOfEvents(invalidations, events)).toEqual(['thing:1', 'list', 'thing:2'])
})

test('refuses an event that the table does not have, and data that is not the event’s', () => {
  expect(() => tagsOfEvents(invalidations, [{ event: sold, data: { id: '1' } }])).toThrow(/shop\.sold/)
  expect(() => tagsOfEvents(invalidations, [{ event: renamed, data: {} }])).toThrow(/id/)
})

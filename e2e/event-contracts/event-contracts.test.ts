import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { discoverEvents, findBreaks, findStale, findUnreadable } from '@freshet/events'
import { beforeAll, expect, test } from '@jest/globals'

const root = fileURLToPath(new URL('../../', import.meta.url))
let events: Awaited<ReturnType<typeof discoverEvents>>

beforeAll(async () => {
  events = await discoverEvents(root)
})

test('the committed event contracts are what the services declare', async () => {
  expect(events.definitions.length).toBeGreaterThan(4)
  expect(await findBreaks(root, events.definitions)).toEqual([])
  expect(await findStale(root, events.definitions)).toEqual([])
})

test("every consumer can read all that an event's owner may send", () => {
  expect(events.readings.length).toBeGreaterThan(0)
  expect(findUnreadable(events.definitions, events.readings)).toEqual([])
})

test('every event goes to a topic that its owner declares', () => {
  for (const { owner, type, topic } of events.definitions) {
    const manifest = JSON.parse(readFileSync(`${root}services/${owner}/service.json`, 'utf8')) as {
      topics: { name: string }[]
    }
    expect({ type, topics: manifest.topics.map(({ name }) => name) }).toEqual({
      type,
      topics: expect.arrayContaining([topic]),
    })
  }
})

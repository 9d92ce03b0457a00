import { afterEach, expect, jest, test } from '@jest/globals'
import { createGraveyard } from '../src/graveyard.ts'
import type { EventBus, IncomingMessage } from '../src/index.ts'
import { createEventMetrics } from '../src/metrics.ts'

afterEach(() => {
  jest.useRealTimers()
})

test('tells the first dead letter of a reason, and of a flood only how many came', async () => {
  jest.useFakeTimers()
  const lines: [string, object][] = []
  const graveyard = createGraveyard({
    bus: { publish: async () => {} } as unknown as EventBus,
    service: 's',
    group: 'g',
    logger: { error: (about: object, text: string) => lines.push([text, about]) } as never,
    metrics: createEventMetrics(),
  })
  const message: IncomingMessage = {
    topic: 't',
    partition: 0,
    offset: '5',
    key: null,
    value: Buffer.from('x'),
    headers: {},
    timestampMs: 0,
  }
  const bury = (reason: 'failed' | 'unreadable') => graveyard.bury(message, reason, new Error('no'), 1)
  for (let letter = 1; letter <= 5; letter++) await bury('failed')
  await bury('unreadable')
  expect(lines).toMatchObject([
    ['an event went to the dead letters', { reason: 'failed', offset: '5' }],
    ['an event went to the dead letters', { reason: 'unreadable' }],
  ])
  await jest.advanceTimersByTimeAsync(10_000)
  expect(lines.slice(2)).toEqual([['more events went to the dead letters', { reason: 'failed', letters: 4 }]])
  await bury('failed')
  graveyard.close()
  expect(lines.slice(3)).toEqual([['more events went to the dead letters', { reason: 'failed', letters: 1 }]])
})

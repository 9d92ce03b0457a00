import { expect, test } from '@jest/globals'
import { defineInvalidated, makeEvent, parseEvent, UnreadableEventError } from '../src/index.ts'

const invalidated = defineInvalidated('catalog')
const HOUR_MS = 3_600_000
const micros = (ms: number) => String(ms * 1_000)

/** Its bytes, as somebody may send them who doesn't check what they send. */
const bytesWith = (sequence: string) => {
  const data = { domain: 'catalog', tags: ['product:1'], sequence: '5' }
  const event = makeEvent('catalog', { event: invalidated, data })
  return JSON.stringify({ ...event, data: { ...data, sequence } })
}

test.each(['0', '5', micros(Date.now()), micros(Date.now() + HOUR_MS / 2)])(
  'reads the sequence %s',
  (sequence) => {
    expect(parseEvent(invalidated, bytesWith(sequence)).data.sequence).toBe(sequence)
  },
)

test.each(['9999999999999999', micros(Date.now() + 2 * HOUR_MS)])(
  'does not read the sequence %s: no invalidation is that far ahead of the clock',
  (sequence) => {
    const read = () => parseEvent(invalidated, bytesWith(sequence))
    expect(read).toThrow(UnreadableEventError)
    expect(read).toThrow('data.sequence: lies more than an hour ahead of the clock')
  },
)

test.each(['', '-1', '5.5', '0x5', '17 '])('does not read %j: it is no sequence', (sequence) => {
  expect(() => parseEvent(invalidated, bytesWith(sequence))).toThrow(/data\.sequence/)
})

import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { DateTime, parseDateTime } from '../src/index.ts'

test('a time comes back as it went out', () => {
  const min = new Date('0001-01-01T00:00:00Z')
  const max = new Date('9999-12-31T23:59:59.999Z')
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
      expect(DateTime.parseValue(DateTime.serialize(date))).toEqual(date)
    }),
  )
})

test.each([
  ['2026-11-23T03:44:00Z', '2026-11-23T03:44:00.000Z'],
  ['2026-11-23t03:44:00.5z', '2026-11-23T03:44:00.500Z'],
  ['2026-11-23T03:44:00.123456789+05:30', '2026-11-22T22:14:00.123Z'],
  ['2024-02-29T23:59:59-23:59', '2024-03-01T23:58:59.000Z'],
])('reads %s', (text, iso) => {
  expect(parseDateTime(text).toISOString()).toBe(iso)
})

test.each([
  '2026-11-23',
  '2026-11-23T03:44',
  '2026-11-23T03:44:00',
  '2026-11-23 03:44:00Z',
  '2026-02-30T00:00:00Z',
  '2025-02-29T00:00:00Z',
  '1900-02-29T00:00:00Z',
  '2026-13-01T00:00:00Z',
  '2026-00-10T00:00:00Z',
  '2026-01-01T24:00:00Z',
  '2026-01-01T00:60:00Z',
  '2026-01-01T00:00:60Z',
  '2026-01-01T00:00:00+24:00',
  '2026-01-01T00:00:00+0100',
  '0000-01-01T00:00:00Z',
  '+02026-01-01T00:00:00Z',
  'now',
  '',
  1_795_000_000_000,
  null,
  {},
  new Date(),
])('refuses %p', (value) => {
  expect(() => parseDateTime(value)).toThrow(TypeError)
})

test('writes a row that has been through a cache as JSON, and refuses what is no time', () => {
  expect(DateTime.serialize('2026-11-23T03:44:00.000Z')).toBe('2026-11-23T03:44:00.000Z')
  expect(() => DateTime.serialize('yesterday')).toThrow(TypeError)
  expect(() => DateTime.serialize(new Date(Number.NaN))).toThrow(RangeError)
})

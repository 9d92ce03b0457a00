import { expect, test } from '@jest/globals'
import { printable } from '../src/printable.ts'

test('control characters are shown, not sent to the terminal', () => {
  expect(printable('\u001B[2J red\u009B31m\r\nforged\u0007\u007F')).toBe(
    '\\u001b[2J red\\u009b31m\\u000d\\u000aforged\\u0007\\u007f',
  )
})

test('JSON stays the same JSON, and other text as it is', () => {
  const value = { title: 'a "b" \\ \u009B \u0000 Füße 鞋 😀' }
  expect(JSON.parse(printable(JSON.stringify(value)))).toEqual(value)
  expect(printable('Füße 鞋 😀 \u00A0')).toBe('Füße 鞋 😀 \u00A0')
})

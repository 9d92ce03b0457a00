import { expect, test } from '@jest/globals'
import { boundedInt, boundedText, currencyInput, moneyInput, pageArguments } from '../src/index.ts'

const argument = 'input.title'
const badInput = (name: string, message?: string) =>
  expect.objectContaining({
    ...(message && { message }),
    extensions: { code: 'BAD_USER_INPUT', argument: name },
  })

test('a text is counted in characters, not in UTF-16 units, and returned unchanged', () => {
  expect(boundedText('  😀😀  ', { argument, max: 6 })).toBe('  😀😀  ')
  expect(boundedText('', { argument, max: 0 })).toBe('')
  expect(() => boundedText('😀😀😀', { argument, max: 2 })).toThrow(
    badInput(argument, '`input.title` must have at most 2 characters'),
  )
  expect(() => boundedText('', { argument, min: 1, max: 200 })).toThrow(
    badInput(argument, '`input.title` must have 1 to 200 characters'),
  )
  expect(() => boundedText('x'.repeat(1_000_000), { argument, max: 10_000 })).toThrow(
    'at most 10,000 characters',
  )
})

test.each([
  ['NUL', 'a\0b'],
  ['half of a surrogate pair', 'a\ud800b'],
  ['the other half', '\udc00'],
])('refuses %s in a text', (_, text) => {
  expect(() => boundedText(text, { argument, max: 10 })).toThrow(badInput(argument))
})

test('refuses a blank text where one is needed', () => {
  expect(() => boundedText(' \n\t ', { argument, min: 1, max: 10 })).toThrow(
    badInput(argument, '`input.title` must not be blank'),
  )
  expect(boundedText('  ', { argument, max: 10 })).toBe('  ')
})

test('an integer must lie within its bounds', () => {
  const bounds = { argument: 'input.by', min: -5, max: 1_000_000 }
  expect(boundedInt(-5, bounds)).toBe(-5)
  expect(boundedInt(1_000_000, bounds)).toBe(1_000_000)
  for (const wrong of [-6, 1_000_001, 0.5, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => boundedInt(wrong, bounds)).toThrow(badInput('input.by'))
  }
  expect(() => boundedInt(7e6, bounds)).toThrow('`input.by` must be -5 to 1,000,000, not 7000000')
})

test('money is an amount within bounds, of a currency that exists', () => {
  expect(moneyInput({ amount: 0, currency: 'USD' }, 'input.price')).toEqual({ amount: 0, currency: 'USD' })
  expect(moneyInput({ amount: 2_000_000_000, currency: 'JPY' }, 'price').amount).toBe(2_000_000_000)
  const amount = badInput('input.price.amount')
  expect(() => moneyInput({ amount: -1, currency: 'USD' }, 'input.price')).toThrow(amount)
  expect(() => moneyInput({ amount: 2_000_000_001, currency: 'USD' }, 'input.price')).toThrow(amount)
  for (const currency of ['usd', 'US', 'XYZ', '', 'USDD', '__proto__']) {
    expect(() => moneyInput({ amount: 1, currency }, 'input.price')).toThrow(badInput('input.price.currency'))
    expect(() => currencyInput(currency, 'input.currency')).toThrow(badInput('input.currency'))
  }
})

test('a page is twenty rows forward unless the client says otherwise', () => {
  expect(pageArguments({})).toEqual({ first: 20, after: undefined })
  expect(pageArguments({ first: null, after: 'c', last: null, before: null })).toEqual({
    first: 20,
    after: 'c',
  })
  expect(pageArguments({ first: 100 })).toMatchObject({ first: 100 })
  expect(pageArguments({ last: 1, before: 'c' })).toEqual({ last: 1, before: 'c' })
  expect(pageArguments({}, { default: 6, max: 24 })).toMatchObject({ first: 6 })
})

test.each([
  [{ first: 1, last: 1 }, 'last'],
  [{ first: 0 }, 'first'],
  [{ first: -1 }, 'first'],
  [{ first: 101 }, 'first'],
  [{ last: 0 }, 'last'],
  [{ last: 2_147_483_647 }, 'last'],
  [{ last: 1, after: 'c' }, 'after'],
  [{ first: 1, before: 'c' }, 'before'],
  [{ before: 'c' }, 'before'],
])('refuses the page %j', (page, name) => {
  expect(() => pageArguments(page)).toThrow(badInput(name))
})

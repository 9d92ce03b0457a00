import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodePlainData, encodePlainData } from '../src/codec.ts'

const plain = fc.letrec((tie) => ({
  value: fc.oneof(
    { depthSize: 'small' },
    fc.string({ unit: 'binary' }),
    fc.double({ noNaN: true, noDefaultInfinity: true }).map((number) => number + 0 || 0),
    fc.boolean(),
    fc.constant(null),
    fc.date({ noInvalidDate: true }),
    fc.array(tie('value')),
    fc.dictionary(fc.string(), tie('value')),
  ),
})).value

test('plain data with Dates anywhere comes back exactly', () => {
  fc.assert(fc.property(plain, (value) => expect(decodePlainData(encodePlainData(value))).toEqual(value)))
})

test('a value without Dates is its JSON behind an empty line', () => {
  expect(encodePlainData({ a: [1, 'x'] })).toBe('\n{"a":[1,"x"]}')
})

test('an undefined property is left out', () => {
  expect(decodePlainData(encodePlainData({ a: 1, b: undefined }))).toEqual({ a: 1 })
})

test.each([
  ['a bigint', { id: 7n }, 'id'],
  ['NaN', { rate: Number.NaN }, 'rate'],
  ['an invalid Date', { at: new Date(Number.NaN) }, 'at'],
  ['a Map', { deep: [{ map: new Map() }] }, 'deep.0.map'],
  ['a Buffer', { bytes: Buffer.from('x') }, 'bytes'],
  ['an instance of a class', { url: new URL('http://localhost') }, 'url'],
  ['a function', { f: () => 1 }, 'f'],
  ['a hole in an array', { list: [undefined] }, 'list.0'],
  ['nothing', undefined, 'The value'],
])('%s is refused, and its path named, where JSON would lose it in silence', (_, value, path) => {
  expect(() => encodePlainData(value)).toThrow(`${path} is not plain data`)
})

test.each(['', 'no header', '\n{"a":', '[["a"]]\n7', '[["a","b"]]\n{}'])(
  '%j is not accepted back',
  (text) => {
    expect(() => decodePlainData(text)).toThrow()
  },
)

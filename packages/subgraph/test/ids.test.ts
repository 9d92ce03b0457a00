import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { decodeId, encodeId } from '../src/index.ts'

test('an id comes back as the row that it was made of, for its own type only', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 1n, max: 10n ** 18n - 1n }), (number) => {
      const id = encodeId('Product', String(number))
      expect(id).toMatch(/^[A-Za-z0-9_-]+$/)
      expect(decodeId('Product', id)).toBe(String(number))
      expect(() => decodeId('Category', id)).toThrow('`id` is not the id of a Category')
    }),
  )
})

const made = (text: string) => Buffer.from(text).toString('base64url')
test.each<[string, unknown]>([
  ['nothing', ''],
  ['a number', 7],
  ['a missing one', undefined],
  ['a raw one', '123'],
  ['zero', made('Product:0')],
  ['a negative number', made('Product:-1')],
  ['a leading zero', made('Product:01')],
  ['19 digits', made('Product:1000000000000000000')],
  ['more parts', made('Product:1:2')],
  ['white space', made('Product: 1')],
  ['padding', `${made('Product:12')}=`],
  ['another alphabet', Buffer.from('Product:1~~~').toString('base64')],
  ['bytes after it', `${made('Product:1')}A`],
  ['a long text', 'A'.repeat(10_000)],
])('refuses %s as an id, naming the argument', (_, id) => {
  expect(() => decodeId('Product', id, 'input.productId')).toThrow(
    expect.objectContaining({
      message: '`input.productId` is not the id of a Product',
      extensions: { code: 'BAD_USER_INPUT', argument: 'input.productId' },
    }),
  )
})

test('refuses whatever else, and never fails otherwise', () => {
  fc.assert(
    fc.property(fc.anything(), (value) => {
      expect(() => decodeId('Product', value)).toThrow('is not the id of a Product')
    }),
  )
})

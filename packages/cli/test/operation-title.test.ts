import { expect, test } from '@jest/globals'
import { operationTitle } from '../src/operation-title.ts'

test.each([
  ['query FirstQuery($id: ID!) { product(id: $id) { title } }', 'FirstQuery'],
  ['{ products(first:*){nodes{title seller{handle}}} me { id } }', '{ products, me }'],
  ['query ($input: X = {a: *}) { latest: products(where: {a: [*]}) @skip(if: $x) { id } }', '{ products }'],
  ['mutation { setPrice(input: {price: {amount: *}}) { userErrors { message } } }', 'mutation { setPrice }'],
  [
    'fragment F on Product { title } { product(id: *) { ...F } ...G ... on Query { me { id } } }',
    '{ product, ... }',
  ],
  ['# { no }\n{ search(text: "} { a", other: """ { """) { id } }', '{ search }'],
  ['{ syntax ', '{ syntax }'],
  ['}{', null],
  ['', null],
])('%s is called %s', (source, title) => {
  expect(operationTitle(source)).toBe(title)
})

test('a long list of fields is cut', () => {
  const source = `{ ${Array.from({ length: 100 }, (_, index) => `field${index}`).join(' ')} }`
  expect(operationTitle(source)!.length).toBeLessThan(90)
})

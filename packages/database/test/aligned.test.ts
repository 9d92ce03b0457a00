import { expect, test } from '@jest/globals'
import { aligned } from '../src/index.ts'

const rows = [
  { id: '3', name: 'c' },
  { id: '1', name: 'a' },
]
const names = (found: ({ name: string } | null)[]) => found.map((row) => row?.name ?? null)

test('rows come in the order of their keys, as often as these do, and null for a key without a row', () => {
  expect(names(aligned(['1', '2', '3', '1'], rows, ({ id }) => id))).toEqual(['a', null, 'c', 'a'])
  expect(aligned([], rows, ({ id }) => id)).toEqual([])
})

test('something else may stand for a row that is missing', () => {
  const found = aligned(
    ['2', '1'],
    rows,
    ({ id }) => id,
    (id) => ({ id, name: '?' }),
  )
  expect(names(found)).toEqual(['?', 'a'])
})

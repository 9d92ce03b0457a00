import { expect, test } from '@jest/globals'
import { userError } from '../src/index.ts'

test('a refusal names the path of the field at fault, or null if it is none in particular', () => {
  expect(userError('TAKEN', 'It is taken', 'input', 'variants', '0', 'sku')).toEqual({
    code: 'TAKEN',
    message: 'It is taken',
    field: ['input', 'variants', '0', 'sku'],
  })
  expect(userError('FORBIDDEN', 'Only sellers may')).toMatchObject({ field: null })
})

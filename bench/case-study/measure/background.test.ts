import { asOperation, createTagging } from '@freshet/database'
import { expect, test } from '@jest/globals'
import { isBackground } from './background.ts'

const lookup = 'select * from accounts where id = $1'

test('a client waits for what a field asks, for what comes without a name, and for all that the twin does', () => {
  const asked = createTagging('users', () => ({ operation: 'Me', field: 'Query.me' }))
  // As the account of every signed-in request is looked up: by a route of its own.
  const outside = createTagging('users', () => undefined)
  expect([asked(lookup), outside(lookup), lookup].map(isBackground)).toEqual([false, false, false])
})

test('nobody waits for what a job or a consumer names as its work', () => {
  const tagged = createTagging('users', () => undefined)
  expect(isBackground(asOperation('consume users.orders', () => tagged(lookup)))).toBe(true)
})

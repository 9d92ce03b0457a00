import { expect, test } from '@jest/globals'
import { createAnswerFreshness } from '../src/response-cache/answer-freshness.ts'

const later = Date.now() + 60_000

test('parts of two viewers make an answer that is kept for nobody', () => {
  const freshness = createAnswerFreshness()
  freshness.dependOn({ expiresAt: later, audience: 'ada', tags: ['a'] })
  freshness.dependOn({ expiresAt: later, audience: null, tags: ['b'] })
  expect(freshness.whole()).toEqual({ expiresAt: later, audience: 'ada', tags: ['a', 'b'] })
  freshness.dependOn({ expiresAt: later, audience: 'bob', tags: ['c'] })
  expect(freshness.whole()).toBeUndefined()
})

test('the first part to grow too old counts', () => {
  const freshness = createAnswerFreshness()
  for (const expiresAt of [later + 1, later, later + 2])
    freshness.dependOn({ expiresAt, audience: null, tags: ['a'] })
  expect(freshness.whole()?.expiresAt).toBe(later)
})

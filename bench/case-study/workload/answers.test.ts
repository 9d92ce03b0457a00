import { expect, test } from '@jest/globals'
import { hitOf, isAnswer } from './answers.ts'

test.each([
  ['data', '{"data":{"me":null}}', true],
  ['a change that was made', '{"data":{"setPrice":{"product":{"id":"1"},"userErrors":[]}}}', true],
  ['an error beside data', '{"errors":[{"message":"no"}],"data":{"me":null}}', false],
  ['no data', '{"data":null}', false],
  ['a refused change', '{"data":{"setPrice":{"product":null,"userErrors":[{"code":"FORBIDDEN"}]}}}', false],
  ['something else', '<html>busy</html>', false],
])('what counts as answered: %s', (_what, text, counts) => {
  expect(isAnswer(text)).toBe(counts)
})

test.each([
  ['freshet-answers; hit; ttl=3', true],
  [['cdn; fwd=miss', 'freshet-answers; hit'], true],
  ['freshet-answers; fwd=miss', false],
  [undefined, null],
])('%s: a hit is %s', (header, hit) => {
  expect(hitOf(header)).toBe(hit)
})

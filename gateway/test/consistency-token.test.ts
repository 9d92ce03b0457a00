import { expect, test } from '@jest/globals'
import type { CommittedWrite } from '../src/response-cache/committed-write.ts'
import { createConsistencyTokens } from '../src/response-cache/consistency-token.ts'

const write: CommittedWrite = { service: 'catalog', tags: ['product:1'], sequence: '17' }

function gateway(secret = 'one secret') {
  const writes: CommittedWrite[] = []
  const tokens = createConsistencyTokens({ secret, onWrite: async (one) => void writes.push(one) })
  return { writes, ...tokens }
}

test('another gateway makes good what it has not heard of, once', async () => {
  const token = gateway().issue([write])
  const other = gateway()
  await other.honour(token)
  await other.honour(token)
  expect(other.writes).toEqual([write])
})

test('the gateway that wrote has nothing to make good', async () => {
  const own = gateway()
  await own.honour(own.issue([write]))
  expect(own.writes).toEqual([])
})

test('several tokens in one header are all honoured', async () => {
  const issuer = gateway()
  const second = { ...write, tags: ['product:2'], sequence: null }
  const other = gateway()
  await other.honour(`${issuer.issue([write])}, ${issuer.issue([second])}`)
  expect(other.writes).toEqual([write, second])
})

test('a write of very many tags is told as one of everything: a header has room for few', async () => {
  const token = gateway().issue([{ ...write, tags: Array.from({ length: 500 }, (_, i) => `product:${i}`) }])
  expect(token!.length).toBeLessThan(300)
  const other = gateway()
  await other.honour(token)
  expect(other.writes).toEqual([{ ...write, tags: 'all' }])
})

test('without a write there is no token, and without a token nothing to do', async () => {
  expect(gateway().issue([])).toBeUndefined()
  // A header that a proxy passes on empty is none.
  for (const header of [undefined, '', ' , ']) await expect(gateway().honour(header)).resolves.toBeUndefined()
})

test.each([
  ['of another secret', gateway('another').issue([write])!],
  ['that was changed', gateway().issue([write])!.replace(/^./, 'x')],
  ['without a signature', 'eyJ4Ijoxf'],
  ['with more behind its signature', `${gateway().issue([write])}.0`],
  ['eleven times', Array.from({ length: 11 }, () => gateway().issue([write])).join(',')],
])('a token %s is refused, and empties no cache', async (_, token) => {
  const other = gateway()
  await expect(other.honour(token)).rejects.toMatchObject({
    extensions: { code: 'BAD_REQUEST', http: { status: 400 } },
  })
  expect(other.writes).toEqual([])
})

import { createHash } from 'node:crypto'
import { expect, test } from '@jest/globals'
import { readParameters } from '../src/operations/request-parameters.ts'
import { cacheableRequest as read } from '../src/response-cache/cacheable-request.ts'
import { createKnownOperations, type KnownOperations } from '../src/response-cache/known-operations.ts'

const text = 'query Page($id: ID!, $first: Int) { product(id: $id) { title } }'
const hash = createHash('sha256').update(text).digest('hex')
const known = () => createKnownOperations({ schemaId: 's1', tokens: 1_000 })
const json = { 'content-type': 'application/json' }
const post = (body: unknown, headers: Record<string, string> = json) => ({
  method: 'POST',
  headers,
  body,
  url: '/graphql',
})
const get = (search: Record<string, string>) => ({
  method: 'GET',
  headers: { 'apollo-require-preflight': '1' },
  body: undefined,
  url: `/graphql?${new URLSearchParams(search).toString()}`,
})
const cacheableRequest = (request: ReturnType<typeof post>, operations: KnownOperations) =>
  read(request, readParameters(request).parameters, operations)
const byHash = { persistedQuery: { version: 1, sha256Hash: hash } }

test('a query by POST and the same by GET are one operation', () => {
  const operations = known()
  const posted = cacheableRequest(post({ query: text, variables: { id: '1' } }), operations)
  const got = cacheableRequest(get({ query: text, variables: '{"id":"1"}' }), operations)
  expect(posted).toMatchObject({
    operation: { name: 'Page', variables: ['first', 'id'] },
    variables: { id: '1' },
  })
  expect(got).toEqual(posted)
})

test('a text that was seen is known by its hash', () => {
  const operations = known()
  expect(cacheableRequest(post({ extensions: byHash }), operations)).toBeUndefined()
  const seen = cacheableRequest(post({ query: text }), operations)
  expect(cacheableRequest(post({ extensions: byHash }), operations)?.operation).toBe(seen?.operation)
})

test.each([
  ['a mutation', post({ query: 'mutation { signOut { signedOut } }' })],
  ['a text that is no GraphQL', post({ query: '{ product(' })],
  ['several operations of which none is named', post({ query: 'query A { a } query B { b }' })],
  ['an operation that is not there', post({ query: text, operationName: 'Other' })],
  ['a name that no operation has', post({ query: text, operationName: 'x'.repeat(201) })],
  [
    'variables nested deeper than any input',
    post({ query: text, variables: JSON.parse(`${'{"a":'.repeat(6_000)}1${'}'.repeat(6_000)}`) }),
  ],
  ['a number that JSON can not hold', post({ query: text, variables: JSON.parse('{"id":{"a":[1e400]}}') })],
  ['a text that is to be remembered', post({ query: text, extensions: byHash })],
  ['an extension that is not known', post({ query: text, extensions: { trace: true } })],
  ['variables that are no object', post({ query: text, variables: [1] })],
  ['a body that is no object', post('text')],
  ['a list of operations', post([{ query: text }])],
  ['what another site can send', post({ query: text }, { 'content-type': 'text/plain' })],
  ['a client that reads neither type', post({ query: text }, { ...json, accept: 'text/csv' })],
  ['a GET whose variables are no JSON', get({ query: text, variables: '{' })],
])('%s goes to Apollo Server', (_, request) => {
  expect(cacheableRequest(request, known())).toBeUndefined()
})

test.each([
  [undefined, 'application/json; charset=utf-8'],
  ['*/*', 'application/json; charset=utf-8'],
  ['application/graphql-response+json', 'application/graphql-response+json; charset=utf-8'],
  [
    'application/graphql-response+json, application/json;q=0.9',
    'application/graphql-response+json; charset=utf-8',
  ],
])('a client that accepts %s gets %s', (accept, type) => {
  const request = post({ query: text }, { ...json, ...(accept !== undefined && { accept }) })
  expect(cacheableRequest(request, known())?.contentType).toBe(type)
})

test('of several operations the named one is meant, and another one is another', () => {
  const operations = known()
  const find = (operationName: string) =>
    cacheableRequest(post({ query: 'query A { a } query B { b }', operationName }), operations)?.operation
  expect(find('A')?.name).toBe('A')
  expect(find('A')?.id).not.toBe(find('B')?.id)
})

test('a name of no letters is none that an operation has, and says nothing of a request without a name', () => {
  const operations = known()
  expect(cacheableRequest(post({ query: text, operationName: '' }), operations)).toBeUndefined()
  expect(cacheableRequest(post({ query: text }), operations)?.operation.name).toBe('Page')
})

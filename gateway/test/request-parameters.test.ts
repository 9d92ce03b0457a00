import { expect, test } from '@jest/globals'
import { readParameters } from '../src/operations/request-parameters.ts'

const get = (url: string) => readParameters({ method: 'GET', url, body: undefined })
const V = '{ product(id: "1") { title } }'
const E = '{ product(id: "2") { title } }'

/** What Apollo Server makes of it. */
const run = (search: string) => Object.fromEntries(new URLSearchParams(search))

test.each([
  `/graphql?query=${encodeURIComponent(V)}&variables=${encodeURIComponent('{"id":"1"}')}&operationName=A`,
  `/graphql?query=${encodeURIComponent(V)}&variables={"id":"1","z":"%22,%22id%22:%222%22,%22y%22:%22%FF"}`,
  '/graphql?query={a}+%2B+%u0041%&variables=%%7B',
  `/graphql?query=${encodeURIComponent(V)}&other=1&query%00=x&Query=y`,
  '/graphql?query=a;query=b?query=c',
  '/graphql?',
  '/graphql',
])('what is read of %s is what is run', (url) => {
  const { parameters, search } = get(url)
  expect(run(search)).toEqual(parameters)
})

test('decodes once, and leaves what it does not know', () => {
  expect(get('/graphql?query=%7Ba%7D&variables=%257B&x=1').parameters).toEqual({
    query: '{a}',
    variables: '%7B',
  })
})

test.each([
  `/graphql#query=${encodeURIComponent(V)}&z=?query=${encodeURIComponent(E)}`,
  `/graphql?query=${encodeURIComponent(V)}#?query=${encodeURIComponent(E)}`,
])('refuses what could be read in two ways: %s', (url) => {
  expect(() => get(url)).toThrow('The address must not contain `#`')
})

test('refuses a parameter that is there twice', () => {
  expect(() => get(`/graphql?query=a&que%72y=b`)).toThrow('The parameter `query` must not be given twice.')
})

test.each(['{"__proto__":3}', '{"a":{"\\u005f_proto__":3}}'])('refuses variables as %s', (variables) => {
  expect(() => get(`/graphql?query=a&variables=${encodeURIComponent(variables)}`)).toThrow(
    '`variables` holds a name that is not allowed',
  )
})

test.each(['null', '[1]', '{', '{"id":"1"}'])('hands %s on', (variables) => {
  const url = `/graphql?variables=${encodeURIComponent(variables)}`
  expect(get(url).parameters).toEqual({ variables })
})

test("a POST's body is handed on as it is", () => {
  const body = { query: V }
  const read = readParameters({ method: 'POST', url: `/graphql?query=${encodeURIComponent(E)}`, body })
  expect(read.parameters).toBe(body)
  expect(read.search).toBe('')
})

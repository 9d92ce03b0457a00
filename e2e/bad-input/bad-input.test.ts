import { beforeAll, expect, test } from '@jest/globals'
import { ask, categoryId, productId, sharedSystem, signIn, userId } from '../supergraph.ts'

let admin: string
beforeAll(async () => {
  admin = await signIn('admin')
})

test.each([
  ['product', `{ product(id: "${productId(900_000_000)}") { id } }`],
  ['category', `{ category(id: "${categoryId(900_000_000)}") { id } }`],
  ['category', '{ category(slug: "no-such-category") { id } }'],
  ['user', `{ user(id: "${userId(900_000_000)}") { id } }`],
])('an unknown %s is null, not an error', async (field, query) => {
  const { data, errors } = await ask(query)
  expect(errors).toBeUndefined()
  expect(data[field]).toBeNull()
})

const mutation = (name: string, type: string) =>
  `mutation ($input: ${type}!) { ${name}(input: $input) { userErrors { code field } } }`
const price = (amount: unknown, currency: unknown = 'USD') => ({
  input: { productId: productId(1), price: { amount, currency } },
})
const text = (length: number) => 'x'.repeat(length)

test.each<[argument: string, query: string, variables?: Record<string, unknown>]>([
  ['id', '{ product(id: "1") { id } }'],
  ['id', '{ product(id: "") { id } }'],
  ['id', `{ product(id: "${userId(1)}") { id } }`],
  ['id', `{ product(id: "${Buffer.from('Product:9999999999999999999999').toString('base64url')}") { id } }`],
  ['id', `{ product(id: "${Buffer.from('Product:1 or 1=1').toString('base64url')}") { id } }`],
  ['id', '{ user(id: "nonsense") { id } }'],
  ['first', '{ products(first: -1) { nodes { id } } }'],
  ['first', '{ products(first: 0) { nodes { id } } }'],
  ['first', '{ products(first: 1000000) { nodes { id } } }'],
  ['first', '{ products(first: 99999999999) { nodes { id } } }'],
  ['last', '{ products(last: -1) { nodes { id } } }'],
  ['after', '{ products(after: "nonsense") { nodes { id } } }'],
  ['after', '{ products(after: "eyJub25zZW5zZSI6MX0") { nodes { id } } }'],
  ['sort', '{ products(sort: BY_MAGIC) { nodes { id } } }'],
  ['sort', 'query ($sort: ProductSort) { products(sort: $sort) { nodes { id } } }', { sort: 'BY_MAGIC' }],
  ['filter.minPrice', '{ products(filter: { minPrice: -5 }) { nodes { id } } }'],
  [
    'filter.search',
    'query ($s: String!) { products(filter: { search: $s }) { nodes { id } } }',
    { s: text(10_000) },
  ],
  [
    'filter.search',
    'query ($s: String!) { products(filter: { search: $s }) { nodes { id } } }',
    { s: 'a\u0000b' },
  ],
  ['filter.categoryId', '{ products(filter: { categoryId: "x" }) { nodes { id } } }'],
  ['first', '{ trending(first: 101) { rank } }'],
  ['input.price.amount', mutation('setPrice', 'SetPriceInput'), price(-1)],
  ['input.price.amount', mutation('setPrice', 'SetPriceInput'), price(2_000_000_001)],
  ['input.price.currency', mutation('setPrice', 'SetPriceInput'), price(1, 'usd')],
  ['input.price.currency', mutation('setPrice', 'SetPriceInput'), price(1, 'XQZ')],
  ['input.price.amount', mutation('setPrice', 'SetPriceInput'), price(1.5)],
  [
    'input.title',
    mutation('updateProduct', 'UpdateProductInput'),
    { input: { id: productId(1), title: text(201) } },
  ],
  [
    'input.title',
    mutation('updateProduct', 'UpdateProductInput'),
    { input: { id: productId(1), title: '' } },
  ],
  [
    'input.email',
    mutation('signUp', 'SignUpInput'),
    { input: { email: 'no', password: text(12), handle: 'abc', displayName: 'A' } },
  ],
  [
    'input.handle',
    mutation('signUp', 'SignUpInput'),
    { input: { email: 'a@b.example', password: text(12), handle: 'A B', displayName: 'A' } },
  ],
  [
    'input.password',
    mutation('signUp', 'SignUpInput'),
    { input: { email: 'a@b.example', password: 'short', handle: 'abc-d', displayName: 'A' } },
  ],
  [
    'input.displayName',
    mutation('signUp', 'SignUpInput'),
    { input: { email: 'a@b.example', password: text(12), handle: 'abc-d', displayName: text(81) } },
  ],
  [
    'input.events[0].quantity',
    mutation('track', 'TrackInput'),
    {
      input: {
        events: [{ id: crypto.randomUUID(), kind: 'PURCHASE', productId: productId(1), quantity: -2 }],
      },
    },
  ],
])('a wrong %s is refused by an error that names it: %s', async (argument, query, variables = {}) => {
  const { errors } = await ask(query, variables, { token: admin })
  const [error] = errors ?? []
  expect(['BAD_USER_INPUT', 'GRAPHQL_VALIDATION_FAILED']).toContain(error?.extensions.code)
  expect(error?.extensions.argument).toBe(argument)
  expect(error?.message).not.toMatch(/postgres|sql|at .*\.ts/i)
})

test.each([
  ['not JSON', '{"query": '],
  ['not an object', '42'],
  ['no query', '{"variables": {}}'],
  ['a batch', '[{"query":"{ __typename }"}]'],
])('a body that is %s gets a 4xx with a readable error', async (_what, body) => {
  const response = await fetch(`${sharedSystem().gatewayUrl}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body,
  })
  expect(response.status).toBeGreaterThanOrEqual(400)
  expect(response.status).toBeLessThan(500)
  const { errors } = (await response.json()) as { errors: { message: string }[] }
  expect(errors[0]?.message).toEqual(expect.stringMatching(/\w+/))
})

test('whatever a search says, it is answered', async () => {
  const searches = [
    "'; drop table products; --",
    '"unclosed',
    '& | ! ( )',
    '%_\\',
    '🦆'.repeat(50),
    'مرحبا',
    '<->',
    ':*',
    '\u202e\u0007',
    '-',
    "\\'",
  ]
  for (const search of searches) {
    const { data, errors } = await ask(
      'query ($s: String!) { products(first: 1, filter: { search: $s }) { totalCount } }',
      { s: search },
    )
    expect([search, errors]).toEqual([search, undefined])
    expect(data.products.totalCount).toBeGreaterThanOrEqual(0)
  }
})

import { createRequire } from 'node:module'
import { withClient } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { categoryId, dataOf, openShop, productId, type Shop } from './shop.ts'
import { productCount } from './shop-data.ts'

/* Whatever a client says, everywhere that it may say something: a typed error that names the argument, or a page. */

let shop: Shop
beforeAll(async () => {
  shop = await openShop({ statementTimeoutMs: 4_000 })
})
afterAll(() => shop?.close())

const require = createRequire(import.meta.url)
const naughty: string[] = require('big-list-of-naughty-strings')

/** What would end a literal, a comment, a pattern, a JSON document or a text query, and what would take long if it ran. */
const injections = [
  "'; drop table products cascade; --",
  "' or '1'='1",
  "') or 1=1 --",
  "1'; select pg_sleep(10); --",
  "' || pg_sleep(10) || '",
  '$1',
  '$$; select pg_sleep(10); $$',
  "E'\\'; delete from products; --",
  '*/ delete from products; /*',
  '"; drop schema catalog; --',
  '[{"name": "Colour"}]',
  '$[*] ? (@.name like_regex "^(a+)+$")',
  '\\u0000',
  '%%%%%%%%%%%%%%%%%%%%',
  '_'.repeat(60),
  "a' & !b | (c <-> d):*",
  '((((((((((((((((((((a))))))))))))))))))))',
  '"'.repeat(200),
  '- '.repeat(100),
  'or '.repeat(60),
  'a '.repeat(100),
  `${'a'.repeat(30)}!`.repeat(6),
  '__proto__',
  'constructor',
  '{{7*7}}',
  '../../../../etc/passwd',
]
/** Lengths, scripts, directions, and characters that are none. */
const texts = [
  'x'.repeat(10_240),
  '🦆'.repeat(5_000),
  'مرحبا بالعالم',
  'שלום עולם',
  '\u202Eabc\u202C',
  '\u200F\u200E\u2066\u2069',
  '👩‍👩‍👧‍👦🏳️‍🌈',
  'e\u0301'.repeat(100),
  'ﷺ'.repeat(200),
  'Z̡̢̳͎̟̠ͅa̷l͖͙g͚̝o'.repeat(20),
  'a\u0000b',
  '\u0000',
  '\uFEFF\uFFFE\uFFFF',
  '\uD800',
  '\uDFFF\uD800',
  '\u0001\u001B[31m\u007F',
  '\r\n\t\v\f\u2028\u2029',
  '鞋子',
  'ЖЖЖ',
  'ﬃ',
]
const corpus = [...new Set([...injections, ...texts, ...naughty])]

const everywhere = /* GraphQL */ `query ($text: String!, $id: ID!) {
  search: products(first: 2, filter: { search: $text }) { nodes { id } totalCount facets { brands { count } } }
  name: products(first: 2, filter: { attributes: [{ name: $text, values: ["Red"] }] }) { nodes { id } totalCount }
  value: products(first: 2, filter: { attributes: [{ name: "Colour", values: [$text] }] }) { nodes { id } totalCount }
  after: products(first: 2, after: $text) { nodes { id } }
  before: products(last: 2, before: $text, sort: PRICE_ASC) { nodes { id } }
  inCategory: products(first: 2, filter: { categoryId: $id }) { nodes { id } }
  ofBrand: products(first: 2, filter: { brandIds: [$id] }) { nodes { id } }
  ofSeller: products(first: 2, filter: { sellerId: $id }) { nodes { id } }
  product(id: $id) { title }
  bySlug: category(slug: $text) { name }
}`

/** Which argument a field's error names. */
const arguments_: Record<string, RegExp> = {
  search: /^filter\.search$/,
  name: /^filter\.attributes\[0\]\.name$/,
  value: /^filter\.attributes\[0\]\.values\[0\]$/,
  after: /^after$/,
  before: /^before$/,
  inCategory: /^filter\.categoryId$/,
  ofBrand: /^filter\.brandIds\[0\]$/,
  ofSeller: /^filter\.sellerId$/,
  product: /^id$/,
  bySlug: /^slug$/,
}

test('the corpus is one', () => expect(corpus.length).toBeGreaterThan(400))

test('each text, in every place that takes one, is answered by a page or a typed error', async () => {
  const wrong: unknown[] = []
  for (const text of corpus) {
    // Past the caches: each of them reaches the database.
    const { data, errors = [] } = await shop.askUncached(everywhere, { text, id: text })
    for (const { path, message, extensions } of errors) {
      const field = String(path?.[0])
      const isTyped =
        extensions?.code === 'BAD_USER_INPUT' && arguments_[field]?.test(String(extensions.argument))
      if (!isTyped || /postgres|syntax error|relation|\.ts:/i.test(message))
        wrong.push({ text: text.slice(0, 60), field, message, extensions })
    }
    // An answer has what was asked for wherever it has no error: a made-up cursor is refused, never guessed.
    const refused = new Set(errors.map(({ path }) => path?.[0]))
    for (const field of ['search', 'name', 'value', 'inCategory'])
      if (!refused.has(field) && !Array.isArray(data?.[field]?.nodes)) wrong.push({ text, field, data })
    if (!refused.has('after') || !refused.has('before')) wrong.push({ text, cursor: 'taken' })
  }
  expect(wrong).toEqual([])
  const { products } = dataOf(await shop.askUncached('{ products { totalCount } }'))
  expect(products.totalCount).toBe(productCount)
})

test.each(['price_minor; drop table products', 'POPULARITY_DESC desc', 'popularity', '', '1', '__proto__'])(
  'the sort key %j is not one of the list: refused, as a value and in the text',
  async (sort) => {
    const list = 'query ($sort: ProductSort) { products(sort: $sort) { nodes { id } } }'
    const { errors } = await shop.askUncached(list, { sort })
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', argument: 'sort' })
    const literal = `{ products(sort: ${JSON.stringify(sort)}) { nodes { id } } }`
    expect((await shop.askUncached(literal)).errors?.[0]?.extensions?.code).toBe('GRAPHQL_VALIDATION_FAILED')
  },
)

test('a filter that the schema does not have is refused before anything is asked', async () => {
  const list = 'query ($filter: ProductFilter) { products(filter: $filter) { nodes { id } } }'
  for (const key of ['title', 'price_minor', '__proto__', 'search; drop table products']) {
    const filter = JSON.parse(`{ ${JSON.stringify(key)}: "x" }`)
    const { errors } = await shop.askUncached(list, { filter })
    expect([key, errors?.[0]?.extensions?.code]).toEqual([key, 'BAD_USER_INPUT'])
  }
})

test.each([
  ['prices that nothing has', { minPrice: 1_999_999_999, maxPrice: 2_000_000_000 }],
  ['a price of nothing', { maxPrice: 0 }],
  [
    'fifty brands that are none',
    {
      brandIds: Array.from({ length: 50 }, (_, i) =>
        Buffer.from(`Brand:${900_000 + i}`).toString('base64url'),
      ),
    },
  ],
  [
    'ten attributes that are none',
    {
      attributes: Array.from({ length: 10 }, (_, i) => ({
        name: `n${i}`,
        values: Array.from({ length: 20 }, (_, j) => `v${j}`),
      })),
    },
  ],
  ['an id far beyond all', { categoryId: categoryId('999999999999999999') }],
])('%s: an empty page', async (_name, filter) => {
  const list =
    'query ($filter: ProductFilter) { products(filter: $filter) { nodes { id } totalCount facets { prices { count } } } }'
  const { products } = dataOf(await shop.askUncached(list, { filter }))
  expect(products).toEqual({ nodes: [], totalCount: 0, facets: { prices: [] } })
})

test('every statement runs under a timeout: what is kept waiting ends with a typed error', async () => {
  // Of its own, which may be idle for as long as it takes.
  await withClient(shop.testDatabase.url, async (holder) => {
    await holder.query('begin')
    await holder.query('lock table products, product_categories, categories, brands, variants, title_words')
    const queries = [
      '{ products { nodes { id } } }',
      '{ products { totalCount } }',
      '{ products { facets { prices { count } } } }',
      '{ products(filter: { search: "headphones" }) { nodes { id } } }',
      `{ product(id: "${productId(1)}") { title } }`,
      `{ category(id: "${categoryId(1)}") { name } }`,
      '{ categoryTree { name } }',
    ]
    const answers = await Promise.all(queries.map((query) => shop.askUncached(query)))
    expect(answers.map(({ errors }) => errors?.[0]?.extensions?.code)).toEqual(queries.map(() => 'TIMEOUT'))
  })
})

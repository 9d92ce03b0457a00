import { ApolloServer } from '@apollo/server'
import { ApolloServerPluginCacheControl } from '@apollo/server/plugin/cacheControl'
import { ApolloServerPluginInlineTraceDisabled } from '@apollo/server/plugin/disabled'
import { buildSubgraphSchema } from '@apollo/subgraph'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import fc from 'fast-check'
import {
  type GraphQLObjectType,
  type GraphQLSchema,
  getNamedType,
  isLeafType,
  isObjectType,
  Kind,
  type OperationDefinitionNode,
  parse,
} from 'graphql'
import { createOperationPolicies } from '../src/dependencies/cache-policy.ts'

/** Every combination of a field's word and its type's: nothing, a number, a scope, both, inherited. */
const typeDefs = parse(`
  extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key", "@inaccessible"])
  directive @cacheControl(maxAge: Int, scope: CacheControlScope, inheritMaxAge: Boolean) on FIELD_DEFINITION | OBJECT | INTERFACE | UNION
  enum CacheControlScope @inaccessible { PUBLIC PRIVATE }

  type Query {
    silent: Int
    spoken: Int @cacheControl(maxAge: 40)
    scoped: Int @cacheControl(scope: PRIVATE)
    inherited: Int @cacheControl(inheritMaxAge: true)
    none: Int @cacheControl(maxAge: 0)
    plain: Plain
    plainSpoken: Plain @cacheControl(maxAge: 50)
    plainInherits: Plain @cacheControl(inheritMaxAge: true)
    thing: Thing
    things: [Thing!]! @cacheControl(maxAge: 35)
    passing: Passing
    own: Own
    ownPublic: Own @cacheControl(scope: PUBLIC)
    node: Node @cacheControl(maxAge: 90)
  }
  interface Node { id: ID! }
  type Plain { id: ID! mine: Int @cacheControl(scope: PRIVATE) short: Int @cacheControl(maxAge: 7) thing: Thing passing: Passing }
  type Thing implements Node @key(fields: "id") @cacheControl(maxAge: 60) {
    id: ID! @cacheControl(maxAge: 30) name: Int plain: Plain plainInherits: Plain @cacheControl(inheritMaxAge: true)
    passing: Passing self: Thing longer: Thing @cacheControl(maxAge: 100) inheriting: Thing @cacheControl(inheritMaxAge: true, scope: PRIVATE)
  }
  type Hidden implements Node { id: ID! @cacheControl(scope: PRIVATE) }
  type Passing @cacheControl(inheritMaxAge: true) { value: Int passing: Passing thing: Thing shorter: Passing @cacheControl(maxAge: 20) }
  type Own @key(fields: "id") { id: ID! value: Int }
  extend type Own @cacheControl(maxAge: 10, scope: PRIVATE) { more: Int }
`)

/** Answers everything with something, so that no field is below a null. */
const anything: Record<string, unknown> = {}
for (const name of [
  'thing',
  'self',
  'longer',
  'inheriting',
  'own',
  'ownPublic',
  'plain',
  'plainSpoken',
  'plainInherits',
  'passing',
  'shorter',
])
  anything[name] = () => anything
for (const name of [
  'silent',
  'spoken',
  'scoped',
  'inherited',
  'none',
  'mine',
  'short',
  'name',
  'value',
  'more',
  'id',
])
  anything[name] = 1
anything.things = () => [anything, anything]
anything.node = () => ({ ...anything, __typename: 'Thing' })

const reference = { __resolveReference: () => ({ ...anything }) }
const schema = buildSubgraphSchema([{ typeDefs, resolvers: { Thing: reference, Own: reference } }])
let apollo: ApolloServer
beforeAll(async () => {
  apollo = new ApolloServer({
    schema,
    rootValue: () => anything,
    plugins: [ApolloServerPluginCacheControl(), ApolloServerPluginInlineTraceDisabled()],
  })
  await apollo.start()
})
afterAll(() => apollo.stop())

async function byPlugin(query: string): Promise<unknown> {
  const { body, http } = await apollo.executeOperation({ query })
  if (body.kind !== 'single' || body.singleResult.errors) throw new Error(JSON.stringify(body))
  const header = /^max-age=(\d+), (public|private)$/.exec(http.headers.get('cache-control')!)
  return header && { maxAge: Number(header[1]), scope: header[2]!.toUpperCase() }
}

const policies = createOperationPolicies(schema)
function byDocument(query: string): unknown {
  const document = parse(query)
  const operation = document.definitions.find(({ kind }) => kind === Kind.OPERATION_DEFINITION)
  const policy = policies(document, operation as OperationDefinitionNode)
  return policy.maxAge === 0 ? null : policy
}

/** Any operation of the schema, some selections in fragments. */
function selectionOf(type: GraphQLObjectType, depth: number): fc.Arbitrary<string> {
  const fields = Object.values(type.getFields()).filter(({ name }) => !name.startsWith('_'))
  const selections = fields.flatMap((field) => {
    const target = getNamedType(field.type)
    if (isLeafType(target)) return [fc.constant(`alias: ${field.name}`)]
    if (depth === 0 || !isObjectType(target)) return []
    return [selectionOf(target, depth - 1).map((selection) => `alias: ${field.name} ${selection}`)]
  })
  const one = fc.oneof(...selections)
  const within = one.map((selection) => `... on ${type.name} { ${selection} }`)
  return fc
    .array(fc.oneof({ weight: 4, arbitrary: one }, { weight: 1, arbitrary: within }), {
      minLength: 1,
      maxLength: 3,
    })
    .map((chosen) => `{ ${chosen.join(' ')} }`)
}

/** A name of its own for every field: the same one may be chosen twice, with other fields below it. */
function aliased(query: string): string {
  let count = 0
  return query.replaceAll('alias:', () => `f${count++}:`)
}

const typeOf = (name: string) => (schema as GraphQLSchema).getType(name) as GraphQLObjectType
const entities = fc.subarray(['Thing', 'Own'], { minLength: 1 }).chain((types) =>
  fc.tuple(...types.map((type) => selectionOf(typeOf(type), 2))).map((selections) => {
    const fragments = types.map((type, index) => `... on ${type} ${selections[index]}`)
    const of = types.map((type) => `{ __typename: "${type}", id: 1 }`)
    return `{ _entities(representations: [${of.join(', ')}]) { ${fragments.join(' ')} } }`
  }),
)

test('reads the schema as Apollo Server’s plugin does, for any operation that is answered in full', async () => {
  const operations = fc.oneof(selectionOf(typeOf('Query'), 3), entities).map(aliased)
  let stored = 0
  await fc.assert(
    fc.asyncProperty(operations, async (query) => {
      const expected = await byPlugin(query)
      if (expected !== null) stored++
      expect(byDocument(query)).toEqual(expected)
    }),
    { numRuns: 200 },
  )
  expect(stored).toBeGreaterThan(50)
})

test.each([
  [
    'named fragments',
    '{ thing { ...Part } } fragment Part on Thing { id passing { ...Value } } fragment Value on Passing { value }',
    { maxAge: 30, scope: 'PUBLIC' },
  ],
  [
    'an interface, by the words of all types that may be meant',
    '{ node { id } }',
    { maxAge: 30, scope: 'PRIVATE' },
  ],
  [
    'what a variable may skip',
    'query ($no: Boolean!) { thing { name id @include(if: $no) } }',
    { maxAge: 30, scope: 'PUBLIC' },
  ],
  [
    'a representation beside one of a type that inherits from nothing',
    '{ _entities(representations: []) { ... on Thing { name } ... on Own { value } } }',
    { maxAge: 10, scope: 'PRIVATE' },
  ],
])('counts %s', (_what, query, expected) => {
  expect(byDocument(query)).toEqual(expected)
})

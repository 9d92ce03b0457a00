import { readdir, readFile } from 'node:fs/promises'
import { buildSubgraphSchema } from '@apollo/subgraph'
import {
  type DocumentNode,
  type GraphQLSchema,
  isAbstractType,
  isEnumType,
  isObjectType,
  isScalarType,
  parse,
  Source,
} from 'graphql'
import { DateTime } from './date-time.ts'
import { recordedReference, recordResolvers } from './dependencies/record-resolvers.ts'

/** Resolvers by type and field, as graphql-codegen types them. */
// biome-ignore lint/suspicious/noExplicitAny: the generated types are what checks resolvers; here they are only moved.
export type Resolvers = Record<string, any>

/** The folder's `*.graphql` files as one document, read in the order of their names. */
export async function readSchema(folder: URL): Promise<DocumentNode> {
  const base = folder.href.endsWith('/') ? folder : new URL(`${folder.href}/`)
  const names = (await readdir(base)).filter((name) => name.endsWith('.graphql')).sort()
  if (names.length === 0) throw new Error(`There is no *.graphql file in ${base.pathname}`)
  const documents = await Promise.all(
    names.map(async (name) => parse(new Source(await readFile(new URL(name, base), 'utf8'), name))),
  )
  return { kind: documents[0]!.kind, definitions: documents.flatMap(({ definitions }) => definitions) }
}

/**
 * The executable schema. What its resolvers load is noted for the part of the answer that they make.
 * @throws Error for a resolver of a type or a field that the schema does not have: it would never be called
 */
export function buildSchema(typeDefs: DocumentNode, resolvers: Resolvers): GraphQLSchema {
  const guarded = Object.fromEntries(
    Object.entries(resolvers).map(([type, fields]) => [type, guardReferences(type, fields)]),
  )
  const schema = buildSubgraphSchema([{ typeDefs, resolvers: { DateTime, ...guarded } }])
  const unknown = Object.entries(resolvers).flatMap(([type, fields]) => unknownFields(schema, type, fields))
  if (unknown.length > 0) throw new Error(`Resolvers of what the schema does not have: ${unknown.join(', ')}`)
  recordResolvers(schema)
  return schema
}

/**
 * Two properties that federation needs and its library leaves to chance: one representation's error (a
 * malformed id, thrown at once) must not fail all the others, and the row must not be written to (the library defines
 * `__typename` on it; a row may be shared through a loader or frozen by a cache).
 */
function guardReferences(type: string, fields: Resolvers): Resolvers {
  const { __resolveReference: resolve } = fields
  if (typeof resolve !== 'function') return fields
  const recorded = recordedReference(type, resolve as (...args: [object, ...unknown[]]) => unknown)
  const guarded = async (...args: [object, ...unknown[]]) => {
    const row = await recorded(...args)
    return typeof row === 'object' && row !== null ? { ...row, __typename: type } : row
  }
  return { ...fields, __resolveReference: guarded }
}

function unknownFields(schema: GraphQLSchema, typeName: string, fields: Resolvers): string[] {
  const type = schema.getType(typeName)
  if (!type) return [typeName]
  if (isScalarType(type) || isEnumType(type) || isAbstractType(type)) return []
  if (!isObjectType(type)) return [typeName]
  const known = type.getFields()
  return Object.keys(fields)
    .filter((field) => !field.startsWith('__') && !known[field])
    .map((field) => `${typeName}.${field}`)
}

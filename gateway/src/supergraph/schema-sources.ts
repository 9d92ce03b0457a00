import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type DefinitionNode, type DocumentNode, GraphQLError, Kind, parse, Source } from 'graphql'

/** One thing that is wrong with one subgraph's schema, or with all of them together. */
export interface SchemaProblem {
  readonly subgraph?: string
  readonly code: string
  readonly message: string
  /** `path/to/file.graphql:12:3`, each place that has to do with it. */
  readonly places: readonly string[]
}

/** A subgraph's schema with the files that its definitions came from, or what is wrong with it. */
export type ReadSchema = { readonly document: DocumentNode } | { readonly problems: readonly SchemaProblem[] }

/** Reads every .graphql file of a folder. The files stay apart, so that an error can name file and line. */
export async function readSchemaFolder(subgraph: string, folder: string): Promise<ReadSchema> {
  let files: string[]
  try {
    files = (await readdir(folder)).filter((file) => file.endsWith('.graphql')).sort()
  } catch (error) {
    return unreadable(subgraph, `Its schema folder ${folder} can't be read: ${(error as Error).message}`)
  }
  if (files.length === 0) return unreadable(subgraph, `Its schema folder ${folder} holds no .graphql file.`)
  const texts = await Promise.all(files.map((file) => readFile(join(folder, file), 'utf8')))
  return parseSchema(
    subgraph,
    files.map((file, index) => new Source(texts[index] ?? '', join(folder, file))),
  )
}

/** Parses a schema that comes in several pieces; all syntax errors are collected. */
export function parseSchema(subgraph: string, sources: readonly Source[]): ReadSchema {
  const definitions: DefinitionNode[] = []
  const problems: SchemaProblem[] = []
  for (const source of sources) {
    try {
      definitions.push(...parse(source).definitions)
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      const at = error.locations?.[0]
      problems.push({
        subgraph,
        code: 'GRAPHQL_PARSE_FAILED',
        message: error.message,
        places: [at === undefined ? source.name : `${source.name}:${at.line}:${at.column}`],
      })
    }
  }
  return problems.length > 0 ? { problems } : { document: { kind: Kind.DOCUMENT, definitions } }
}

function unreadable(subgraph: string, message: string): ReadSchema {
  return { problems: [{ subgraph, code: 'SCHEMA_NOT_READABLE', message, places: [] }] }
}

import { composeServices } from '@apollo/composition'
import type { DocumentNode, GraphQLError } from 'graphql'
import type { SchemaProblem } from './schema-sources.ts'

/** A subgraph as composition sees it. */
export interface SubgraphSchema {
  readonly name: string
  readonly url: string
  readonly document: DocumentNode
}

/** The subgraphs do not make a supergraph. `message` lists everything that is wrong, for a person. */
export class SupergraphError extends Error {
  override readonly name = 'SupergraphError'
  readonly code = 'SUPERGRAPH_INVALID'
  readonly problems: readonly SchemaProblem[]

  constructor(problems: readonly SchemaProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    super(`The subgraphs do not compose: ${count}.\n${problems.map(describe).join('\n')}`)
    this.problems = problems
  }
}

/**
 * Composes the subgraphs.
 *
 * @throws {SupergraphError} naming subgraph, code, and file and line of every problem.
 */
export function composeSupergraph(subgraphs: readonly SubgraphSchema[]): {
  supergraphSdl: string
  hints: readonly string[]
} {
  const result = composeServices(
    subgraphs.map(({ name, url, document }) => ({ name, url, typeDefs: document })),
  )
  if (result.errors !== undefined) throw new SupergraphError(result.errors.map(toProblem))
  return {
    supergraphSdl: result.supergraphSdl,
    hints: result.hints.map((hint) => `${hint.definition.code}: ${hint.message}`),
  }
}

function toProblem(error: GraphQLError): SchemaProblem {
  // Composition puts the subgraph's name in front of what concerns only one.
  const [, subgraph, message] = /^\[([^\]]+)\] (.*)$/s.exec(error.message) ?? [
    undefined,
    undefined,
    error.message,
  ]
  const places = (error.nodes ?? []).flatMap(({ loc }) =>
    loc === undefined ? [] : [`${loc.source.name}:${loc.startToken.line}:${loc.startToken.column}`],
  )
  return {
    ...(subgraph === undefined ? {} : { subgraph }),
    code: typeof error.extensions.code === 'string' ? error.extensions.code : 'INVALID_GRAPHQL',
    message: message ?? error.message,
    places: [...new Set(places)],
  }
}

function describe({ subgraph, code, message, places }: SchemaProblem): string {
  const head = `  ${subgraph ?? '(all)'}  ${code}`
  const text = message.split('\n').map((line) => `    ${line}`)
  return [head, ...text, ...places.map((place) => `    at ${place}`)].join('\n')
}

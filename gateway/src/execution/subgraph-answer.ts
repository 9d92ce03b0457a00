import { SubgraphError } from './subgraph-error.ts'

/** An error as a subgraph sent it. Nothing of it is trusted but its shape. */
export interface DownstreamError {
  readonly message: string
  readonly path?: readonly (string | number)[]
  readonly locations?: readonly { line: number; column: number }[]
  readonly extensions?: Readonly<Record<string, unknown>>
}

/** A well-formed GraphQL answer of a subgraph. */
export interface SubgraphAnswer {
  readonly data?: Record<string, unknown> | null
  readonly errors?: readonly DownstreamError[]
  readonly extensions?: Record<string, unknown>
}

/**
 * Reads a subgraph's answer. The executor takes what it is given without looking, and a
 * wrongly shaped answer would cost the whole response instead of this fetch: so it is checked here.
 *
 * @param entities how many entities were asked for; undefined when the fetch is not for entities.
 * @throws {SubgraphError}
 */
export function readAnswer(service: string, body: string, entities: number | undefined): SubgraphAnswer {
  const invalid = (detail: string) => new SubgraphError(service, 'invalid', detail)
  let answer: unknown
  try {
    answer = JSON.parse(body)
  } catch (cause) {
    throw new SubgraphError(service, 'invalid', 'answered with something that is not JSON.', { cause })
  }
  if (!isRecord(answer)) throw invalid('answered with something that is not a GraphQL response.')
  const { data, errors } = answer
  if (errors !== undefined && !(Array.isArray(errors) && errors.every(isDownstreamError))) {
    throw invalid('answered with malformed errors.')
  }
  if (data !== undefined && data !== null && !isRecord(data)) throw invalid('answered with malformed data.')
  if (data === undefined && errors === undefined) throw invalid('answered with neither data nor errors.')
  if (entities !== undefined && isRecord(data)) {
    const list = data._entities
    // Only an error can have emptied the list; the executor would add one of its own to it.
    if (list === null && errors !== undefined) return { ...answer, data: null }
    if (!Array.isArray(list) || list.length !== entities)
      throw invalid('answered with other entities than asked for.')
  }
  return answer as SubgraphAnswer
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function isDownstreamError(value: unknown): value is DownstreamError {
  return (
    isRecord(value) &&
    typeof value.message === 'string' &&
    (value.path === undefined || value.path === null || Array.isArray(value.path)) &&
    (value.extensions === undefined || value.extensions === null || isRecord(value.extensions))
  )
}

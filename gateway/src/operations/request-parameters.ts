import type { FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import { safeParse } from 'secure-json-parse'

/** What a request asks, read once: whoever looks at it later (the limits, the cache's key, Apollo Server) sees the same. */
export interface RequestParameters {
  /** `query`, `variables` and the rest: a POST's body as it is, a GET's search parameters with their JSON still as text. */
  readonly parameters: unknown
  /** The same for Apollo Server, which reads a GET's search parameters by itself. */
  readonly search: string
}

const NAMES = ['query', 'operationName', 'variables', 'extensions'] as const

/**
 * The parameters of a GET are read here and written anew for Apollo Server. Two that read the same address by their own rules
 * (where it begins, what a broken `%` is, which of two counts) would make two operations of it, and the answer to one
 * would be kept as the other's.
 *
 * @throws {GraphQLError} when an address can't be read in one way only
 */
export function readParameters({
  method,
  url,
  body,
}: Pick<FastifyRequest, 'method' | 'url' | 'body'>): RequestParameters {
  if (method !== 'GET') return { parameters: body, search: '' }
  if (url.includes('#')) throw refusal('The address must not contain `#`; write it as `%23`.')
  const start = url.indexOf('?')
  const given = new URLSearchParams(start === -1 ? '' : url.slice(start + 1))
  const parameters: Record<string, string> = {}
  for (const name of NAMES) {
    const values = given.getAll(name)
    if (values.length > 1) throw refusal(`The parameter \`${name}\` must not be given twice.`)
    if (values[0] !== undefined) parameters[name] = values[0]
  }
  for (const name of ['variables', 'extensions'] as const) {
    if (isForbiddenJson(parameters[name])) throw refusal(`\`${name}\` holds a name that is not allowed.`)
  }
  return { parameters, search: `?${new URLSearchParams(parameters).toString()}` }
}

/** As a POST's body is refused by the server: a key `__proto__` is an object's prototype to whoever copies it. */
function isForbiddenJson(text: string | undefined): boolean {
  if (text === undefined) return false
  try {
    JSON.parse(text)
  } catch {
    // Apollo Server answers that it is no JSON.
    return false
  }
  return safeParse(text) === null && text.trim() !== 'null'
}

function refusal(message: string): GraphQLError {
  return new GraphQLError(message, {
    extensions: { code: 'BAD_REQUEST', http: { status: 400, headers: new Map() } },
  })
}

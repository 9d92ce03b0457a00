import { GraphQLError } from 'graphql'

/** RFC 6750's token characters. The bound keeps nonsense away from the sessions' service. */
const BEARER = /^Bearer +([A-Za-z0-9\-._~+/]{1,512}=*)$/i

/**
 * The token of an `Authorization: Bearer` header; undefined where there is no such header.
 *
 * @throws {GraphQLError} UNAUTHENTICATED with HTTP status 401 if the header is anything else: who sends
 * one believes to be signed in, and must not be answered as somebody anonymous.
 * @see https://www.rfc-editor.org/rfc/rfc6750
 */
export function bearerToken(header: string | undefined): string | undefined {
  if (header === undefined) return undefined
  const token = BEARER.exec(header.trim())?.[1]
  if (token === undefined) throw unauthenticated('The Authorization header is not `Bearer <token>`.')
  return token
}

/** HTTP 401 in GraphQL's shape. The message says what to do. */
export function unauthenticated(what: string): GraphQLError {
  return new GraphQLError(`${what} Sign in for a new token, or leave the header out to go on anonymously.`, {
    extensions: {
      code: 'UNAUTHENTICATED',
      http: {
        status: 401,
        headers: new Map([['www-authenticate', 'Bearer realm="freshet", error="invalid_token"']]),
      },
    },
  })
}

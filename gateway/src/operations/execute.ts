import { type ApolloServer, HeaderMap } from '@apollo/server'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { GatewayContext } from '../context.ts'
import type { RequestParameters } from './request-parameters.ts'

/** An answer of Apollo Server, complete. */
export interface ExecutedOperation {
  readonly status: number
  readonly headers: Iterable<[string, string]>
  readonly text: string
}

/** Hands a request to Apollo Server. What `context` rejects with is answered as an error of the operation. */
export async function execute(
  apollo: ApolloServer<GatewayContext>,
  request: Pick<FastifyRequest, 'method' | 'headers'>,
  { parameters, search }: RequestParameters,
  context: () => Promise<GatewayContext>,
): Promise<ExecutedOperation> {
  const headers = new HeaderMap()
  for (const [name, value] of Object.entries(request.headers)) {
    if (value !== undefined) headers.set(name, Array.isArray(value) ? value.join(', ') : value)
  }
  const answer = await apollo.executeHTTPGraphQLRequest({
    httpGraphQLRequest: {
      method: request.method,
      headers,
      search,
      body: request.method === 'GET' ? undefined : parameters,
    },
    context,
  })
  // @apollo/gateway knows no @defer: nothing comes in pieces.
  if (answer.body.kind !== 'complete') throw new TypeError('An answer in pieces is not foreseen.')
  return { status: answer.status ?? 200, headers: answer.headers, text: answer.body.string }
}

/** Sends it as it is. */
export function sendExecuted(
  reply: FastifyReply,
  { status, headers, text }: ExecutedOperation,
): FastifyReply {
  for (const [name, value] of headers) reply.header(name, value)
  return reply.code(status).send(text)
}

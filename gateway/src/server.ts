import type { ApolloServer } from '@apollo/server'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import cors from '@fastify/cors'
import { traceId } from '@freshet/telemetry'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import { bearerToken, unauthenticated } from './auth/bearer.ts'
import type { Session } from './auth/sessions.ts'
import type { GatewayContext } from './context.ts'
import { requestProblem } from './operations/request-gate.ts'
import { createRequestReport, type RequestReport, reported } from './operations/request-report.ts'

/** What the GraphQL routes need. */
export interface GraphQLRoutes {
  /** Undefined until the supergraph is loaded. */
  readonly apollo: () => ApolloServer<GatewayContext> | undefined
  readonly lookUpSession: (token: string) => Promise<Session>
  readonly operationEnded: (request: FastifyRequest, reply: FastifyReply, report: RequestReport) => void
  readonly queryBytes: number
  readonly allowedOrigins: readonly string[]
  /** Where a browser that opens the endpoint is sent; undefined without an explorer. */
  readonly explorerPath: string | undefined
}

type Answer = (request: FastifyRequest, reply: FastifyReply) => Promise<unknown>

/** Adds `POST` and `GET /graphql`. */
export async function addGraphQL(app: FastifyInstance, routes: GraphQLRoutes): Promise<void> {
  const reports = new WeakMap<FastifyRequest, RequestReport>()
  const reportOf = (request: FastifyRequest) => reports.get(request) ?? createRequestReport()
  let answer: Answer | undefined

  async function contextFor(request: FastifyRequest): Promise<GatewayContext> {
    try {
      return await identify(request)
    } catch (error) {
      if (error instanceof GraphQLError) reportOf(request).errors.push(reported(error))
      throw error
    }
  }

  async function identify(request: FastifyRequest): Promise<GatewayContext> {
    const token = bearerToken(request.headers.authorization)
    const report = reportOf(request)
    if (token === undefined) return { viewer: null, sessionUnverified: false, report }
    const session = await routes.lookUpSession(token)
    if (session.state === 'inactive')
      throw unauthenticated('The session has ended or the token is not valid.')
    if (session.state === 'unverified') return { viewer: null, sessionUnverified: true, report }
    return { viewer: session.viewer, sessionUnverified: false, report }
  }

  await app.register(async (scope) => {
    if (routes.allowedOrigins.length > 0) {
      const origin = [...routes.allowedOrigins]
      await scope.register(cors, {
        origin,
        methods: ['GET', 'POST'],
        exposedHeaders: ['x-trace-id'],
        maxAge: 86_400,
      })
    }
    scope.addHook('onRequest', async (request, reply) => {
      reports.set(request, createRequestReport())
      const trace = traceId()
      if (trace !== undefined) reply.header('x-trace-id', trace)
      reply.header('cache-control', 'no-store')
    })
    scope.addHook('onResponse', async (request, reply) => {
      routes.operationEnded(request, reply, reportOf(request))
    })
    scope.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      async handler(request, reply) {
        if (routes.explorerPath !== undefined && isBrowserVisit(request))
          return reply.redirect(routes.explorerPath, 303)
        const apollo = routes.apollo()
        if (apollo === undefined) return refuse(request, reply, 503, starting)
        const problem = requestProblem(request.method === 'GET' ? request.query : request.body, routes)
        if (problem !== undefined) return refuse(request, reply, statusOf(problem), problem)
        // Typed for any kind of server by its package; called on this one.
        answer ??= fastifyApolloHandler(apollo, { context: contextFor }) as unknown as Answer
        return answer(request, reply)
      },
    })
  })

  const starting = {
    message: 'The gateway is starting; try again in a moment.',
    extensions: { code: 'STARTING' },
  }

  function refuse(
    request: FastifyRequest,
    reply: FastifyReply,
    status: number,
    { message, extensions: { http: _http, ...extensions } }: Pick<GraphQLError, 'message' | 'extensions'>,
  ) {
    reportOf(request).errors.push(reported({ extensions }))
    const type = request.headers.accept?.includes('application/graphql-response+json')
      ? 'application/graphql-response+json; charset=utf-8'
      : 'application/json; charset=utf-8'
    return reply
      .code(status)
      .type(type)
      .send(JSON.stringify({ errors: [{ message, extensions }] }))
  }
}

function statusOf({ extensions }: GraphQLError): number {
  return (extensions.http as { status?: number } | undefined)?.status ?? 400
}

/** Somebody typed the endpoint's address into a browser: there is no operation, and HTML is wanted. */
function isBrowserVisit({ method, headers, query }: FastifyRequest): boolean {
  const { query: operation, extensions } = query as { query?: unknown; extensions?: unknown }
  const wantsHtml = headers.accept?.split(',').some((type) => type.trim().startsWith('text/html')) ?? false
  return method === 'GET' && wantsHtml && operation === undefined && extensions === undefined
}

import type { ApolloServer } from '@apollo/server'
import cors from '@fastify/cors'
import type { Viewer } from '@freshet/http'
import { annotateSpan, traceId } from '@freshet/telemetry'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { GraphQLError } from 'graphql'
import { bearerToken, unauthenticated } from './auth/bearer.ts'
import type { Session } from './auth/sessions.ts'
import type { GatewayContext } from './context.ts'
import { execute, sendExecuted } from './operations/execute.ts'
import { requestProblem } from './operations/request-gate.ts'
import { type RequestParameters, readParameters } from './operations/request-parameters.ts'
import {
  createRequestReport,
  type RequestReport,
  reported,
  spanAttributes,
} from './operations/request-report.ts'
import type { AnswerCache } from './response-cache/answer-cache.ts'
import { type AnswerFreshness, createAnswerFreshness } from './response-cache/answer-freshness.ts'
import { audienceOf } from './response-cache/audience.ts'
import { cacheStatus } from './response-cache/cache-status.ts'
import { cacheableRequest } from './response-cache/cacheable-request.ts'
import {
  CONSISTENCY_HEADER,
  type ConsistencyTokens,
  INVALIDATION_HEADER,
} from './response-cache/consistency-token.ts'
import type { KnownOperations } from './response-cache/known-operations.ts'

/** What answers operations of one supergraph. */
export interface Graph {
  readonly apollo: ApolloServer<GatewayContext>
  readonly answers: AnswerCache
  readonly operations: KnownOperations
  readonly consistency: ConsistencyTokens
}

/** What the GraphQL routes need. */
export interface GraphQLRoutes {
  /** Undefined until the supergraph is loaded. */
  readonly graph: () => Graph | undefined
  readonly lookUpSession: (token: string) => Promise<Session>
  readonly operationEnded: (request: FastifyRequest, reply: FastifyReply, report: RequestReport) => void
  readonly queryBytes: number
  readonly allowedOrigins: readonly string[]
  /** Where a browser that opens the endpoint is sent; undefined without an explorer. */
  readonly explorerPath: string | undefined
}

/** Adds `POST` and `GET /graphql`. */
export async function addGraphQL(app: FastifyInstance, routes: GraphQLRoutes): Promise<void> {
  const reports = new WeakMap<FastifyRequest, RequestReport>()
  const reportOf = (request: FastifyRequest) => reports.get(request) ?? createRequestReport()

  /** @throws {GraphQLError} when there is no such session */
  async function identify(request: FastifyRequest): Promise<Omit<GatewayContext, 'freshness'>> {
    const report = reportOf(request)
    const as = (viewer: Viewer | null, sessionUnverified: boolean) => ({
      viewer,
      sessionUnverified,
      audience: audienceOf(viewer),
      report,
    })
    try {
      const token = bearerToken(request.headers.authorization)
      if (token === undefined) return as(null, false)
      const session = await routes.lookUpSession(token)
      if (session.state === 'inactive')
        throw unauthenticated('The session has ended or the token is not valid.')
      return session.state === 'unverified' ? as(null, true) : as(session.viewer, false)
    } catch (error) {
      if (error instanceof GraphQLError) report.errors.push(reported(error))
      throw error
    }
  }

  /** From the cache where that may be, else by running it. */
  async function answer(request: FastifyRequest, reply: FastifyReply, graph: Graph): Promise<FastifyReply> {
    const { apollo, answers, operations, consistency } = graph
    let read: RequestParameters
    try {
      read = readParameters(request)
      const problem = requestProblem(read.parameters, routes)
      if (problem !== undefined) throw problem
      await consistency.honour(request.headers[CONSISTENCY_HEADER])
    } catch (error) {
      if (!(error instanceof GraphQLError)) throw error
      return refuse(request, reply, statusOf(error), error)
    }
    let identity: ReturnType<typeof identify> | undefined
    const identified = () => {
      identity ??= identify(request)
      return identity
    }
    const run = (freshness: AnswerFreshness) =>
      execute(apollo, request, read, async () => ({ ...(await identified()), freshness }))
    const cacheable = cacheableRequest(request, read.parameters, operations)
    const known = cacheable && (await identified().catch(() => undefined))
    // Who could not be identified is told so, and shares nothing.
    if (cacheable === undefined || known === undefined || known.sessionUnverified) {
      const freshness = createAnswerFreshness()
      const executed = await run(freshness)
      reply.header('cache-status', cacheStatus({ from: 'execution', freshness, asked: false }))
      const token = consistency.issue(freshness.written)
      if (token !== undefined) reply.header(CONSISTENCY_HEADER, token)
      if (freshness.isLate) reply.header(INVALIDATION_HEADER, 'late')
      return sendExecuted(reply, executed)
    }
    const { operation, variables, contentType } = cacheable
    const { report, audience } = known
    const asked = operation.isStorable
    const answered = await answers.answer({ operation, variables, audience }, async (freshness) => {
      const executed = await run(freshness)
      const isWhole = executed.status === 200 && report.errors.length === 0
      return { executed, freshness, body: isWhole ? executed.text : undefined }
    })
    if (answered.from === 'cache') {
      report.operationType = 'query'
      report.operationName = operation.name
      report.answer = 'hit'
      reply.header('cache-status', cacheStatus({ from: 'cache', expiresAt: answered.stored.expiresAt }))
      return reply.type(contentType).send(answered.stored.body)
    }
    const { executed, freshness } = answered.executed
    if (asked) report.answer = 'miss'
    reply.header('cache-status', cacheStatus({ from: 'execution', freshness, asked }))
    return sendExecuted(reply, executed)
  }

  await app.register(async (scope) => {
    if (routes.allowedOrigins.length > 0) {
      const origin = [...routes.allowedOrigins]
      await scope.register(cors, {
        origin,
        methods: ['GET', 'POST'],
        exposedHeaders: ['x-trace-id', 'cache-status', CONSISTENCY_HEADER, INVALIDATION_HEADER],
        maxAge: 86_400,
      })
    }
    scope.addHook('onRequest', async (request, reply) => {
      reports.set(request, createRequestReport())
      const trace = traceId()
      if (trace !== undefined) reply.header('x-trace-id', trace)
      reply.header('cache-control', 'no-store')
    })
    // Before it is sent: then the request's span has ended.
    scope.addHook('onSend', async (request) => annotateSpan(spanAttributes(reportOf(request))))
    scope.addHook('onResponse', async (request, reply) => {
      routes.operationEnded(request, reply, reportOf(request))
    })
    scope.route({
      method: ['GET', 'POST'],
      url: '/graphql',
      async handler(request, reply) {
        if (routes.explorerPath !== undefined && isBrowserVisit(request))
          return reply.redirect(routes.explorerPath, 303)
        const graph = routes.graph()
        if (graph === undefined) return refuse(request, reply, 503, starting)
        return answer(request, reply, graph)
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

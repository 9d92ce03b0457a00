import { ApolloServer, type ApolloServerPlugin, type BaseContext } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginInlineTraceDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginSchemaReportingDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import { fastifyApolloHandler } from '@as-integrations/fastify'
import { type Database, whileWanted } from '@freshet/database'
import { createHttpServer, HttpError, type ShutdownTimes, type Viewer } from '@freshet/http'
import type { Logger } from '@freshet/telemetry'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import type { GraphQLFormattedError, GraphQLSchema } from 'graphql'
import type { AnswerFreshness } from './dependencies/answer-freshness.ts'
import { createFreshnessPlugin } from './dependencies/freshness-plugin.ts'
import {
  createRecording,
  currentFrame,
  noteStatement,
  type Recording,
  trackedViewer,
  within,
} from './dependencies/recording.ts'
import { createErrorFormat } from './error-format.ts'
import { createOperationMetrics } from './operation-metrics.ts'
import { noteOperation } from './query-tags.ts'
import { buildSchema, type Resolvers, readSchema } from './schema.ts'
import { requireSignature } from './signed-requests.ts'

/** What a request's context is made from. */
export interface ContextInput {
  /**
   * Who asks, as the gateway signed it; null for an anonymous viewer. Asking makes the answer (of `_entities`, the
   * representation that it is asked for) the viewer's own: outer caches keep it for nobody else.
   */
  viewer: () => Viewer | null
  /**
   * A sequence of the service's cache domain that what is read must have reached, as the gateway knows it. Loaders
   * ({@link cachedLoader}) see to it; only who reads the cache past them needs it.
   */
  atLeast: string | undefined
  /** Aborted when the caller goes away before it has its answer. */
  signal: AbortSignal
}

/** What a subgraph consists of. */
export interface SubgraphOptions<Context extends BaseContext> {
  /** `catalog`: it stands in errors, logs and metrics. */
  name: string
  /** The folder of its `*.graphql` files. */
  schema: URL
  resolvers: Resolvers
  /** Called once for each request: loaders are made here, so that they forget with it. */
  context: (input: ContextInput) => Context | Promise<Context>
  /**
   * What its resolvers read, watched: an answer for which a statement was sent by a resolver instead of a loader is never
   * stored, for nobody knows its tags. Null for a service without a database.
   */
  database: Pick<Database<unknown>, 'onStatement'> | null
  /** `SUBGRAPH_SECRET`: what the gateway signs with. */
  secret: string
  logger: Logger
  /** Readiness: each must resolve. */
  checks: Record<string, () => Promise<void>>
  /** What /readyz tells beside the checks, of the parts that it can do without: `observed` of the service's parts. */
  observed?: () => Readonly<Record<string, string>>
  /** How `close()` ends requests. */
  shutdown?: ShutdownTimes
  /** Adds routes of the service's own (`/internal/...`). They are behind the signature too, with `request.viewer`. */
  routes?: (app: FastifyInstance) => void | Promise<void>
}

/** An operation as a test gives it. */
export interface OperationInput {
  query: string
  variables?: Record<string, unknown>
  viewer?: Viewer | null
  /** As the gateway's header `freshet-sequence`. */
  atLeast?: string
}

/** An operation's answer, as a client would read it. */
export interface OperationResult<Data = Record<string, unknown>> {
  data?: Data | null
  errors?: readonly GraphQLFormattedError[]
  extensions?: { freshet?: AnswerFreshness }
}

/** A subgraph that is ready to listen. */
export interface Subgraph {
  readonly schema: GraphQLSchema
  /** The server beneath: for `app.inject` in tests. */
  readonly app: FastifyInstance
  /** Resolves with its address. */
  listen(address: { host: string; port: number }): Promise<string>
  /** Readiness off, no new requests, the ones in flight answered, closed. */
  close(): Promise<void>
  /** For tests: runs an operation without HTTP and without a signature, with everything else as in production. */
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the answer that it asked for.
  executeOperation<Data = any>(operation: OperationInput): Promise<OperationResult<Data>>
}

/**
 * A whole service from its schema, its resolvers and its parts: `POST /graphql` behind the gateway's signature,
 * health and metrics in front of it. Introspection and `_service` are on: whoever can sign may read the schema.
 * @throws Error if the schema is not valid, or resolvers don't fit it
 */
export async function createSubgraph<Context extends BaseContext>(
  options: SubgraphOptions<Context>,
): Promise<Subgraph> {
  const { name, resolvers, context, database, secret, logger, checks, observed, shutdown, routes } = options
  const schema = buildSchema(await readSchema(options.schema), resolvers)
  const apollo = new ApolloServer<Context>({
    schema,
    logger,
    formatError: createErrorFormat(name, logger),
    includeStacktraceInErrorResponses: false,
    introspection: true,
    // The gateway has checked and bounded every operation, and a browser can't sign.
    csrfPrevention: false,
    persistedQueries: false,
    allowBatchedHttpRequests: false,
    stopOnTerminationSignals: false,
    plugins: [
      noteOperation(name),
      createOperationMetrics(name),
      answerBadVariables(),
      createFreshnessPlugin(name, schema),
      // Ours reads the schema's @cacheControl too.
      ApolloServerPluginCacheControlDisabled(),
      ApolloServerPluginInlineTraceDisabled(),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginSchemaReportingDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
    ],
  })
  await apollo.start()
  const unwatch = database?.onStatement(noteStatement)
  const contextOf = async (recording: Recording, viewer: Viewer | null, signal: AbortSignal) =>
    context({ viewer: trackedViewer(recording, viewer), atLeast: recording.atLeast, signal })
  const http = createHttpServer({ name, logger, checks, observed, shutdown })
  await http.app.register(async (scope) => {
    requireSignature(scope, { secret, logger })
    scope.addHook('preHandler', (_request, reply, done) => whileWanted(abortedBy(reply), done))
    const handler = fastifyApolloHandler(apollo, {
      context: async (request, reply) =>
        contextOf(currentFrame()!.recording, request.viewer, abortedBy(reply)),
    })
    scope.post('/graphql', function (request, reply) {
      return within(createRecording(sequenceOf(request)).whole, () => handler.call(this, request, reply))
    })
    await routes?.(scope)
  })

  return {
    schema,
    app: http.app,
    listen: (address) => http.listen(address),
    async close() {
      await http.close()
      await apollo.stop()
      unwatch?.()
    },
    async executeOperation<Data>({ query, variables, viewer = null, atLeast }: OperationInput) {
      const recording = createRecording(atLeast)
      const { body } = await within(recording.whole, async () => {
        const contextValue = await contextOf(recording, viewer, new AbortController().signal)
        return apollo.executeOperation({ query, variables }, { contextValue })
      })
      if (body.kind !== 'single') throw new Error('a subgraph answers at once')
      // As it would be after its way over HTTP: without prototypes and undefined.
      return JSON.parse(JSON.stringify(body.singleResult)) as OperationResult<Data>
    },
  }
}

/**
 * A variable that can't be is answered like an argument that can't be: status 200, so that the gateway reads the
 * errors. Only what is not GraphQL at all gets a 400.
 */
function answerBadVariables(): ApolloServerPlugin<BaseContext> {
  return {
    async requestDidStart() {
      return {
        async willSendResponse({ response: { http, body } }) {
          if (http.status !== 400 || body.kind !== 'single') return
          const codes = body.singleResult.errors?.map(({ extensions }) => extensions?.code)
          if (codes?.every((code) => code === 'BAD_USER_INPUT')) http.status = 200
        },
      }
    },
  }
}

/** The header `freshet-sequence`. One that can't be read must not pass for none: the answer might be too old. */
function sequenceOf({ headers }: FastifyRequest): string | undefined {
  const { 'freshet-sequence': sequence } = headers
  if (sequence === undefined || (typeof sequence === 'string' && /^\d{1,16}$/.test(sequence))) return sequence
  throw new HttpError(400, 'BAD_REQUEST', 'The header freshet-sequence must be one sequence: 1 to 16 digits.')
}

function abortedBy(reply: FastifyReply): AbortSignal {
  const controller = new AbortController()
  reply.raw.once('close', () => {
    if (!reply.raw.writableFinished) controller.abort(new Error('the caller went away'))
  })
  return controller.signal
}

import { createKafkaBus, type EventBus } from '@freshet/events'
import { closeInOrder, createHttpServer, createObserver, shutdownTimes } from '@freshet/http'
import { impatient, openRedis, pingRedis } from '@freshet/redis'
import type { Logger } from '@freshet/telemetry'
import { createSessions } from './auth/sessions.ts'
import type { Config } from './config.ts'
import { createFetchCache } from './execution/fetch-cache.ts'
import { createGuard, type Guard } from './execution/guard.ts'
import { createSubgraphClient, type SubgraphClient } from './execution/subgraph-client.ts'
import { createSubgraphSource } from './execution/subgraph-source.ts'
import { addExplorer } from './explorer/explorer-routes.ts'
import { createInvalidator } from './invalidation/invalidator.ts'
import { createWriteThrough } from './invalidation/write-through.ts'
import { startApolloServer } from './operations/apollo-server.ts'
import { createOperationMetrics } from './operations/operation-metrics.ts'
import { createPersistedQueryStore } from './operations/persisted-queries.ts'
import { createAnswerCache } from './response-cache/answer-cache.ts'
import { createConsistencyTokens } from './response-cache/consistency-token.ts'
import { digest } from './response-cache/digest.ts'
import { createGatewayCache } from './response-cache/gateway-cache.ts'
import { createKnownOperations } from './response-cache/known-operations.ts'
import { addGraphQL, type Graph } from './server.ts'
import { loadSupergraph } from './supergraph/load-supergraph.ts'

/** A gateway that accepts operations. */
export interface Gateway {
  readonly url: string
  /** Lets requests in flight finish, then closes every connection. */
  close(): Promise<void>
}

/**
 * Opens the door: listens at once (alive, not ready), loads the supergraph, then answers.
 *
 * @param overrides.bus a test's, instead of Kafka under the topics' own names; closed with the rest
 * @throws {SupergraphError} if the subgraphs do not compose; everything is closed again.
 */
export async function startGateway(
  config: Config,
  logger: Logger,
  overrides: { readonly bus?: EventBus | undefined } = {},
): Promise<Gateway> {
  const clients = new Map<string, SubgraphClient>()
  const guards = new Map<string, Guard>()
  for (const { name, url } of config.SUBGRAPHS) {
    const limits = {
      connections: config.SUBGRAPH_CONNECTIONS,
      answerLimitBytes: config.SUBGRAPH_ANSWER_LIMIT_BYTES,
    }
    clients.set(name, createSubgraphClient({ name, url, secret: config.SUBGRAPH_SECRET, ...limits }))
    guards.set(name, createGuard({ service: name }))
  }
  // It only makes persisted queries outlive the process: nothing waits for it.
  const redis = openRedis(config.REDIS_URL, logger, { ...impatient(250), connectionName: 'gateway-queries' })
  const cacheRedis = openRedis(config.REDIS_URL, logger, { connectionName: 'gateway-cache' })
  const cache = createGatewayCache({
    redis: cacheRedis,
    domain: config.CACHE_DOMAIN,
    enabled: config.CACHE_ENABLED,
    timeoutMs: config.CACHE_TIMEOUT_MS,
    logger,
  })
  const bus =
    overrides.bus ?? createKafkaBus({ brokers: [...config.KAFKA_BROKERS], clientId: 'gateway', logger })
  const invalidator = createInvalidator({
    bus,
    domain: config.CACHE_DOMAIN,
    cache,
    subgraphs: config.SUBGRAPHS.map(({ name }) => name),
    logger,
  })
  const metrics = createOperationMetrics({
    slowMs: config.SLOW_OPERATION_MS,
    services: config.SUBGRAPHS.map(({ name }) => name),
  })
  const observer = createObserver()
  observer.watch('redis', () => pingRedis(cacheRedis))
  observer.watch('kafka', () => bus.ping())
  let graph: Graph | undefined

  const http = createHttpServer({
    name: 'gateway',
    logger,
    bodyLimitBytes: config.BODY_LIMIT_BYTES,
    shutdown: shutdownTimes(config),
    checks: {
      async supergraph() {
        if (graph === undefined) throw new Error('is not loaded yet')
      },
    },
    // It answers without any of them: the rest of the graph, uncached, or with less that it hears of others' writes.
    observed: () => ({
      ...observer.state(),
      ...Object.fromEntries(
        [...guards].map(([name, guard]) => [`subgraph ${name}`, guard.isOpen() ? 'failing' : 'ok']),
      ),
    }),
  })

  const close = () =>
    closeInOrder([
      () => http.close(),
      async () => observer.close(),
      async () => graph?.apollo.stop(),
      () => invalidator.close(),
      () => bus.close(),
      () => cache.close(),
      async () => cacheRedis.disconnect(),
      ...[...clients.values()].map((client) => () => client.close()),
      async () => redis.disconnect(),
    ])

  try {
    if (config.EXPLORER_ENABLED) await addExplorer(http.app, logger)
    await addGraphQL(http.app, {
      graph: () => graph,
      lookUpSession: sessionLookup(config, clients, logger, metrics.sessionLookedUp),
      operationEnded: metrics.operationEnded,
      queryBytes: config.QUERY_LIMIT_BYTES,
      allowedOrigins: config.ALLOWED_ORIGINS,
      explorerPath: config.EXPLORER_ENABLED ? '/' : undefined,
    })
    observer.start()
    const url = await http.listen({ host: config.HOST, port: config.PORT })
    const supergraphSdl = await loadSupergraph({
      subgraphs: config.SUBGRAPHS,
      clients,
      deadlineMs: config.SCHEMA_DEADLINE_MS,
      logger,
    })
    // What was cached of another supergraph is not looked at.
    const schemaId = digest(supergraphSdl).slice(0, 12)
    const fetches = createFetchCache({ cache, schemaId })
    const onWrite = createWriteThrough({ cache, logger })
    const sources = new Map(
      [...clients].map(([name, client]) => {
        const guard = guards.get(name) as Guard
        const timeoutMs = config.SUBGRAPH_TIMEOUT_MS
        const onFetch = metrics.fetchEnded
        return [name, createSubgraphSource({ client, guard, timeoutMs, logger, onFetch, fetches, onWrite })]
      }),
    )
    const apollo = await startApolloServer({
      supergraphSdl,
      sources,
      persistedQueries: createPersistedQueryStore({
        redis,
        ttlSeconds: config.PERSISTED_QUERY_TTL_SECONDS,
        logger,
      }),
      limits: {
        tokens: config.MAX_TOKENS,
        depth: config.MAX_DEPTH,
        aliases: config.MAX_ALIASES,
        rootFields: config.MAX_ROOT_FIELDS,
        selections: config.MAX_SELECTIONS,
        nodes: config.MAX_NODES,
        pages: config.MAX_PAGES,
      },
      sessionsService: config.SESSIONS_SUBGRAPH,
      logger,
    })
    await invalidator.start()
    const operations = createKnownOperations({ schemaId, tokens: config.MAX_TOKENS })
    const consistency = createConsistencyTokens({ secret: config.SUBGRAPH_SECRET, onWrite })
    graph = { apollo, operations, consistency, answers: createAnswerCache({ cache }) }
    logger.info({ url }, 'the gateway answers')
    return { url, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** A token can't be checked where no subgraph knows sessions; the answer says so. */
function sessionLookup(
  config: Config,
  clients: ReadonlyMap<string, SubgraphClient>,
  logger: Logger,
  onLookup: (state: string) => void,
) {
  const client = clients.get(config.SESSIONS_SUBGRAPH)
  // Its own breaker: answered look-ups must not hide that operations hang, nor the other way round.
  const sessions =
    client &&
    createSessions({
      client,
      guard: createGuard({ service: client.name }),
      timeoutMs: config.SESSION_TIMEOUT_MS,
      logger,
    })
  return async (token: string) => {
    const session = sessions === undefined ? ({ state: 'unverified' } as const) : await sessions.lookUp(token)
    onLookup(session.state)
    return session
  }
}

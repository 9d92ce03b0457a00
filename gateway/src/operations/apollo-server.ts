import { ApolloGateway, type GraphQLDataSource } from '@apollo/gateway'
import { ApolloServer } from '@apollo/server'
import {
  ApolloServerPluginCacheControlDisabled,
  ApolloServerPluginLandingPageDisabled,
  ApolloServerPluginUsageReportingDisabled,
} from '@apollo/server/plugin/disabled'
import type { KeyValueCache } from '@apollo/utils.keyvaluecache'
import type { Logger } from '@freshet/telemetry'
import type { GatewayContext } from '../context.ts'
import { createErrorFormatter } from '../execution/format-error.ts'
import { admissionPlugin, operationTypeRule } from './admission.ts'
import { answerPlugin } from './answer-plugin.ts'
import type { Asked } from './asked.ts'
import { limitRule, type OperationLimits } from './limits.ts'

/** Parses, validates and plans operations, and executes the plans over `sources`. Started when it resolves. */
export async function startApolloServer(parts: {
  supergraphSdl: string
  sources: ReadonlyMap<string, GraphQLDataSource>
  persistedQueries: KeyValueCache<string>
  limits: OperationLimits & Asked & { readonly tokens: number }
  sessionsService: string
  logger: Logger
}): Promise<ApolloServer<GatewayContext>> {
  const { supergraphSdl, sources, persistedQueries, limits, logger } = parts
  // Otherwise @apollo/gateway asks the clouds' metadata addresses where it runs, and reports that to Apollo.
  process.env.APOLLO_TELEMETRY_DISABLED = '1'
  const gateway = new ApolloGateway({
    supergraphSdl,
    buildService({ name }) {
      const source = sources.get(name)
      if (source === undefined) throw new Error(`There is no data source for the subgraph ${name}.`)
      return source
    },
    logger,
    telemetry: { recordExceptions: 5 },
    // By default anybody may ask for the query plan outside of production.
    __exposeQueryPlanExperimental: false,
  })
  const server = new ApolloServer<GatewayContext>({
    gateway,
    logger,
    introspection: true,
    csrfPrevention: true,
    allowBatchedHttpRequests: false,
    includeStacktraceInErrorResponses: false,
    stopOnTerminationSignals: false,
    parseOptions: { maxTokens: limits.tokens },
    validationRules: [operationTypeRule, limitRule(limits)],
    persistedQueries: { cache: persistedQueries },
    formatError: createErrorFormatter(logger),
    plugins: [
      answerPlugin({ sessionsService: parts.sessionsService, logger }),
      admissionPlugin({ sessionsService: parts.sessionsService, most: limits }),
      ApolloServerPluginLandingPageDisabled(),
      ApolloServerPluginUsageReportingDisabled(),
      // What a whole answer is worth is said by its fetches (response-cache/answer-freshness.ts).
      ApolloServerPluginCacheControlDisabled(),
    ],
  })
  await server.start()
  return server
}

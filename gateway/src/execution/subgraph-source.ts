import type { GraphQLDataSource, GraphQLDataSourceProcessOptions } from '@apollo/gateway'
import { atLeastOf } from '@freshet/cache'
import type { Viewer } from '@freshet/http'
import { annotateSpan, failSpan, type Logger } from '@freshet/telemetry'
import type { DocumentNode } from 'graphql'
import type { GatewayContext } from '../context.ts'
import { type AnswerFreshness, createAnswerFreshness } from '../response-cache/answer-freshness.ts'
import { audienceOf } from '../response-cache/audience.ts'
import type { CommittedWrite } from '../response-cache/committed-write.ts'
import { translateError } from './downstream-errors.ts'
import { type Fetch, type FetchCache, UNREAD } from './fetch-cache.ts'
import { writeOf } from './fetch-freshness.ts'
import type { Guard } from './guard.ts'
import { lostFields } from './lost-fields.ts'
import { createOutageLog } from './outage-log.ts'
import { readAnswer, type SubgraphAnswer } from './subgraph-answer.ts'
import type { SubgraphClient } from './subgraph-client.ts'
import { SubgraphError } from './subgraph-error.ts'

/** Told about each fetch when it has ended. */
export type OnFetch = (fetch: { service: string; outcome: string; seconds: number }) => void

/** What the executor asks when a query plan needs something of one subgraph. */
export function createSubgraphSource(parts: {
  client: SubgraphClient
  guard: Guard
  timeoutMs: number
  logger: Logger
  onFetch: OnFetch
  fetches: FetchCache
  /**
   * Ends what a write has replaced, before its answer goes on. Resolves with whether every cache on the way has acknowledged
   * it; never rejects for want of Redis.
   */
  onWrite: (write: CommittedWrite) => Promise<boolean>
}): GraphQLDataSource {
  const { client, guard, timeoutMs, logger, onFetch, fetches, onWrite } = parts
  const service = client.name
  const outage = createOutageLog(logger, service, 'a subgraph answers again')

  async function fetchAnswer(
    fetch: Fetch,
    {
      viewer,
      idempotent,
      sequence,
    }: { viewer: Viewer | null; idempotent: boolean; sequence: string | undefined },
  ): Promise<SubgraphAnswer> {
    const { query, variables, operationName } = fetch
    const body = JSON.stringify({ query, variables, operationName })
    const representations = variables?.representations
    const entities = Array.isArray(representations) ? representations.length : undefined
    const started = performance.now()
    let outcome = 'ok'
    try {
      const read = await guard.run(async () => {
        const answer = await client.post({
          body,
          viewer,
          timeoutMs,
          idempotent,
          ...(sequence !== undefined && { sequence }),
        })
        return readAnswer(service, answer.body, entities)
      })
      outage.answered()
      return read
    } catch (error) {
      outcome = error instanceof SubgraphError ? error.failure : 'error'
      if (error instanceof SubgraphError) outage.failed(error, operationName)
      failSpan(error)
      throw error
    } finally {
      onFetch({ service, outcome, seconds: (performance.now() - started) / 1000 })
    }
  }

  async function write(
    fetch: Fetch,
    viewer: Viewer | null,
    freshness: AnswerFreshness,
  ): Promise<SubgraphAnswer> {
    const answer = await fetchAnswer(fetch, {
      viewer,
      idempotent: false,
      sequence: atLeastOf(UNREAD, service),
    })
    freshness.forbid()
    const said = writeOf(answer)
    if (said !== undefined) {
      const written = { service, ...said }
      freshness.written.push(written)
      if (!(await onWrite(written))) freshness.isLate = true
    }
    return answer
  }

  return {
    async process(options) {
      const fetch = options.request as Fetch
      const { viewer, operation, audience, freshness } = incoming(options)
      const from = { service, fetch: fetch.query, operation, logger }
      // The span is the executor's, `gateway.fetch`, which takes what is not thrown for success.
      annotateSpan({ 'peer.service': service, 'graphql.operation.name': fetch.operationName ?? '' })
      try {
        const answer = isMutation(fetch)
          ? await write(fetch, viewer, freshness)
          : await fetches.answer(fetch, { service, audience, freshness }, (part, sequence) =>
              fetchAnswer(part, { viewer, idempotent: true, sequence }),
            )
        if (answer.errors === undefined) return { data: answer.data ?? null }
        // Without a path the whole fetch failed; the client is to see where.
        const errors = answer.errors.flatMap((error) => {
          const translated = translateError(error, from)
          return Array.isArray(error.path) ? [translated] : atLostFields(fetch.query, translated)
        })
        return { data: answer.data ?? null, errors } as Awaited<ReturnType<GraphQLDataSource['process']>>
      } catch (error) {
        // Returned, not thrown: what is thrown here reaches the client without a path.
        if (!(error instanceof SubgraphError)) throw error
        const { message, code } = error
        const errors = atLostFields(fetch.query, { message, extensions: { code, service } })
        return { data: null, errors } as Awaited<ReturnType<GraphQLDataSource['process']>>
      }
    },
  }
}

/** The planner writes the operation's kind first. */
const isMutation = ({ query }: Fetch): boolean => query.startsWith('mutation')

function incoming(options: GraphQLDataSourceProcessOptions): {
  viewer: Viewer | null
  audience: string
  operation: DocumentNode | undefined
  freshness: AnswerFreshness
} {
  if (!('incomingRequestContext' in options)) {
    return {
      viewer: null,
      audience: audienceOf(null),
      operation: undefined,
      freshness: createAnswerFreshness(),
    }
  }
  const { viewer, audience, freshness } = options.context as GatewayContext
  return { viewer, audience, freshness, operation: options.incomingRequestContext.document }
}

/** One error for each field that is missing now. */
function atLostFields<E extends { message: string }>(query: string, error: E): (E & { path: string[] })[] {
  return lostFields(query).map((field) => ({ ...error, path: [field] }))
}

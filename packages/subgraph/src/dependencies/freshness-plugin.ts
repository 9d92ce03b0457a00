import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import { meter } from '@freshet/telemetry'
import { type GraphQLSchema, OperationTypeNode } from 'graphql'
import { type AnswerFreshness, freshnessOf, type NotStored } from './answer-freshness.ts'
import { createOperationPolicies } from './cache-policy.ts'
import { currentFrame, type Recording } from './recording.ts'

/**
 * Writes into each answer how long, for whom and under which tags outer caches may keep it (`extensions.freshet`, and in
 * HTTP's words `Cache-Control`), and what a mutation has invalidated. Whatever may not be kept says nothing but `no-store`.
 *
 * The counter `freshet.subgraph.answers` (attributes service and kept: `public`, `private`, or why not: `error`,
 * `policy`, `untold`) counts queries.
 */
export function createFreshnessPlugin(
  service: string,
  schema: GraphQLSchema,
): ApolloServerPlugin<BaseContext> {
  const policyOf = createOperationPolicies(schema)
  const answers = meter('@freshet/subgraph').createCounter('freshet.subgraph.answers', {
    description: 'Answers of queries, by whether outer caches may keep them',
  })

  return {
    async requestDidStart() {
      return {
        async willSendResponse({ document, operation, response: { body, http } }) {
          http.headers.set('cache-control', 'no-store')
          const recording = currentFrame()?.recording
          if (!document || !operation || !recording || body.kind !== 'single') return
          const { singleResult } = body
          const tell = (freshet: AnswerFreshness) => {
            singleResult.extensions = { ...singleResult.extensions, freshet }
          }
          if (operation.operation === OperationTypeNode.MUTATION) {
            const invalidated = toldInvalidation(recording)
            if (invalidated) tell({ invalidated })
            return
          }
          const freshness: AnswerFreshness | NotStored = singleResult.errors
            ? 'error'
            : freshnessOf(recording, policyOf(document, operation))
          if (typeof freshness === 'string') {
            answers.add(1, { service, kept: freshness })
            return
          }
          const scope = freshness.scope === 'PRIVATE' ? 'private' : 'public'
          answers.add(1, { service, kept: scope })
          http.headers.set('cache-control', `max-age=${freshness.maxAge}, ${scope}`)
          tell(freshness)
        },
      }
    },
  }
}

function toldInvalidation({ invalidated }: Recording): AnswerFreshness['invalidated'] {
  return invalidated && { tags: [...invalidated.tags], sequence: invalidated.sequence }
}

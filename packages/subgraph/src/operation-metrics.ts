import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import { meter } from '@freshet/telemetry'
import { Kind, type OperationDefinitionNode, type SelectionNode } from 'graphql'

/**
 * Rate, errors and duration of a subgraph's operations, by root field: the histogram
 * `freshet.subgraph.operation.duration` (seconds) with the attributes service, field and outcome (`ok` or `error`). An operation
 * with several root fields is counted under each. Fields come from the schema (`_entities` with the type that
 * is asked for: `_entities.Product`), so there are as many series as the schema has root fields and entities.
 */
export function createOperationMetrics(service: string): ApolloServerPlugin<BaseContext> {
  const duration = meter('@freshet/subgraph').createHistogram('freshet.subgraph.operation.duration', {
    unit: 's',
    description: 'From the parsed operation to its answer, by root field',
  })
  return {
    async requestDidStart() {
      const startedAt = performance.now()
      return {
        async willSendResponse({ operation, response }) {
          if (!operation) return
          const seconds = (performance.now() - startedAt) / 1000
          const { body } = response
          const failed = body.kind === 'single' && body.singleResult.errors !== undefined
          for (const field of rootFields(operation)) {
            duration.record(seconds, { service, field, outcome: failed ? 'error' : 'ok' })
          }
        },
      }
    },
  }
}

function rootFields({ selectionSet }: OperationDefinitionNode): Set<string> {
  return new Set(selectionSet.selections.flatMap(fieldNames))
}

/** Fragments at the root are not followed: no gateway sends them. */
function fieldNames(selection: SelectionNode): string[] {
  if (selection.kind !== Kind.FIELD) return []
  if (selection.name.value !== '_entities') return [selection.name.value]
  return (selection.selectionSet?.selections ?? []).flatMap((entity) =>
    entity.kind === Kind.INLINE_FRAGMENT && entity.typeCondition
      ? [`_entities.${entity.typeCondition.name.value}`]
      : [],
  )
}

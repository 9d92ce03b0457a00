import type { ApolloServerPlugin, BaseContext } from '@apollo/server'
import type { QueryTags } from '@freshet/database'
import { currentFrame } from './dependencies/recording.ts'

/** Who sends a statement right now, for `createDatabase`; undefined outside of a request. */
export function queryTags(): QueryTags | undefined {
  const frame = currentFrame()
  if (frame === undefined) return undefined
  const { operation, asking } = frame.recording
  return { operation, field: asking ?? frame.field }
}

/**
 * Notes the operation's name as the client knows it: a gateway's query plan calls its fetches
 * `ProductPage__catalog__0`, and there would be as many operations as plans.
 */
export function noteOperation(service: string): ApolloServerPlugin<BaseContext> {
  const fetchOfPlan = new RegExp(`__${service}__\\d+$`)
  return {
    async requestDidStart() {
      return {
        async didResolveOperation({ operationName }) {
          const recording = currentFrame()?.recording
          if (recording && operationName) recording.operation = operationName.replace(fetchOfPlan, '')
        },
      }
    },
  }
}

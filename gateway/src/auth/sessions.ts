import { type Viewer, viewerSchema } from '@freshet/http'
import type { Logger } from '@freshet/telemetry'
import { z } from 'zod'
import type { Guard } from '../execution/guard.ts'
import { createOutageLog } from '../execution/outage-log.ts'
import type { SubgraphClient } from '../execution/subgraph-client.ts'
import { SubgraphError } from '../execution/subgraph-error.ts'

const Introspection = z.discriminatedUnion('active', [
  z.object({ active: z.literal(false) }),
  z.object({ active: z.literal(true), viewer: viewerSchema }),
])

/** Whose session a token is; `unverified` when the service that knows could not say. */
export type Session =
  | { readonly state: 'active'; readonly viewer: Viewer }
  | { readonly state: 'inactive' }
  | { readonly state: 'unverified' }

/**
 * Asks the sessions' service about tokens. Nothing is cached: a sign-out takes effect with the very
 * next request, everywhere.
 */
export function createSessions(parts: {
  client: SubgraphClient
  guard: Guard
  timeoutMs: number
  logger: Logger
}): { lookUp(token: string): Promise<Session> } {
  const { client, guard, timeoutMs, logger } = parts
  const path = '/internal/sessions/introspect'
  const outage = createOutageLog(logger, client.name, 'sessions are checked again')

  async function introspect(token: string): Promise<z.infer<typeof Introspection>> {
    const call = { path, body: JSON.stringify({ token }), viewer: null, timeoutMs, idempotent: true }
    const { status, body } = await client.post(call)
    if (status !== 200) {
      throw new SubgraphError(client.name, 'status', `refused to look a session up: HTTP status ${status}.`)
    }
    try {
      return Introspection.parse(JSON.parse(body))
    } catch (cause) {
      throw new SubgraphError(client.name, 'invalid', 'answered about a session in an unknown way.', {
        cause,
      })
    }
  }

  return {
    async lookUp(token) {
      try {
        const found = await guard.run(() => introspect(token))
        outage.answered()
        return found.active ? { state: 'active', viewer: found.viewer } : { state: 'inactive' }
      } catch (error) {
        // Queries must go on while accounts are away, as a guest's; mutations are refused (operations/admission.ts).
        if (!(error instanceof SubgraphError)) throw error
        outage.failed(error)
        return { state: 'unverified' }
      }
    },
  }
}

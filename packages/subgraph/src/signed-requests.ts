import { InvalidSignatureError, type Viewer, verifyCall } from '@freshet/http'
import type { Logger } from '@freshet/telemetry'
import type { FastifyInstance } from 'fastify'

declare module 'fastify' {
  interface FastifyRequest {
    /** Who sends it, as the gateway signed it; null for an anonymous viewer. Only on a subgraph's own routes. */
    viewer: Viewer | null
  }
}

/**
 * Makes every route of this scope refuse a request that the gateway did not sign (401, `SIGNATURE_INVALID`), and sets
 * `request.viewer` on the others.
 */
export function requireSignature(
  scope: FastifyInstance,
  { secret, logger }: { secret: string; logger: Logger },
) {
  scope.decorateRequest('viewer', null)
  scope.addHook('preValidation', async (request) => {
    try {
      const { headers, rawBody: body, routeOptions } = request
      request.viewer = verifyCall({ secret, headers, body, path: routeOptions.url ?? '' })
    } catch (error) {
      if (error instanceof InvalidSignatureError) {
        logger.warn({ reason: error.reason, path: request.url }, 'refused a call without a valid signature')
      }
      throw error
    }
  })
}

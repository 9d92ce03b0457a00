import { closeInOrder } from '@freshet/http'
import type { Subgraph } from '../create-subgraph.ts'
import {
  openServiceParts,
  type ServiceIdentity,
  type ServiceParts,
  type ServiceSettings,
} from './service-parts.ts'

/** A service, as its `service.ts` makes it from its parts. */
export interface Service {
  readonly subgraph: Subgraph
  /** Starts everything but the HTTP server, which `subgraph.listen` does: consumers, relay, jobs. */
  start(): Promise<void>
  /** Stops taking requests, finishes those in flight, then stops what `start` started. Leaves its parts open. */
  close(): Promise<void>
}

/**
 * A service's whole start, for `runProcess`: opens the parts, creates the service on them, starts it and listens.
 * If a step fails, what was opened before it is closed, and the error is thrown.
 */
export async function startService<DB>(
  settings: ServiceSettings & { readonly HOST: string; readonly PORT: number },
  identity: ServiceIdentity,
  create: (parts: ServiceParts<DB>) => Promise<Service>,
): Promise<{ close(): Promise<void> }> {
  const { logger } = identity
  const parts = openServiceParts<DB>(settings, identity)
  let service: Service | undefined
  const close = () => closeInOrder([async () => service?.close(), () => parts.close()])
  try {
    parts.startObserving()
    service = await create(parts)
    await service.start()
    const url = await service.subgraph.listen({ host: settings.HOST, port: settings.PORT })
    logger.info({ url }, 'listening')
    return { close }
  } catch (error) {
    // The start's error is the one to tell; what closing adds to it is for the log.
    await close().catch((failure: unknown) =>
      logger.error({ err: failure }, 'closing after a failed start failed'),
    )
    throw error
  }
}

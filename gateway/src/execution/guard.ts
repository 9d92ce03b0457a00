import { CircuitState, ConsecutiveBreaker, circuitBreaker, handleWhen, isBrokenCircuitError } from 'cockatiel'
import { SubgraphError } from './subgraph-error.ts'

/** Keeps calls away from a subgraph that is down, so that asking it costs nothing until it is back. */
export interface Guard {
  run<T>(call: () => Promise<T>): Promise<T>
  /** Whether calls are let through: for /readyz. */
  readonly isOpen: () => boolean
}

/**
 * A circuit breaker: after `failures` outages in a row it refuses every call at once; after
 * `retryAfterMs` it lets one through, and closes again when that one is answered.
 */
export function createGuard(parts: { service: string; failures?: number; retryAfterMs?: number }): Guard {
  const { service, failures = 5, retryAfterMs = 1_000 } = parts
  const policy = circuitBreaker(
    handleWhen((error) => error instanceof SubgraphError && error.isOutage),
    { halfOpenAfter: retryAfterMs, breaker: new ConsecutiveBreaker(failures) },
  )
  const refused = () =>
    new SubgraphError(
      service,
      'circuit-open',
      'has failed several times in a row and is not asked for a moment.',
    )

  return {
    async run(call) {
      // cockatiel lets others wait for the one call that tries; against a hanging service that is the hang itself.
      if (policy.state === CircuitState.HalfOpen) throw refused()
      try {
        return await policy.execute(call)
      } catch (error) {
        throw isBrokenCircuitError(error) ? refused() : error
      }
    },
    isOpen: () => policy.state !== CircuitState.Closed,
  }
}

/** Why a call to a subgraph gave no answer. Low cardinality: it is a metric's label. */
export type SubgraphFailure =
  | 'refused'
  | 'reset'
  | 'timeout'
  | 'status'
  | 'invalid'
  | 'too-large'
  | 'circuit-open'

/**
 * A subgraph gave no usable answer. The message is for clients: it names the service and says what
 * happened, without addresses; those are in `cause`, which is only logged.
 */
export class SubgraphError extends Error {
  override readonly name = 'SubgraphError'
  readonly code: 'SUBGRAPH_UNAVAILABLE' | 'SUBGRAPH_TIMEOUT'
  readonly service: string
  readonly failure: SubgraphFailure

  constructor(service: string, failure: SubgraphFailure, detail: string, options?: ErrorOptions) {
    super(`The service "${service}" ${detail}`, options)
    this.code = failure === 'timeout' ? 'SUBGRAPH_TIMEOUT' : 'SUBGRAPH_UNAVAILABLE'
    this.service = service
    this.failure = failure
  }

  /** Whether it speaks against the service as a whole. A huge answer speaks against one operation. */
  get isOutage(): boolean {
    return this.failure !== 'too-large' && this.failure !== 'circuit-open'
  }
}

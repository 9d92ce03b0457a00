/** What the log line and the metrics of one request say; filled in on its way. */
export interface RequestReport {
  /** As the client named it; undefined until the operation is known, and for those without a name. */
  operationName: string | undefined
  operationType: 'query' | 'mutation' | 'subscription' | undefined
  /** Codes of the errors in the answer. */
  readonly errorCodes: string[]
  /** Where the whole answer came from; `bypass` where none could have been kept. */
  answer: 'hit' | 'miss' | 'bypass'
}

/** An empty report. */
export function createRequestReport(): RequestReport {
  return { operationName: undefined, operationType: undefined, errorCodes: [], answer: 'bypass' }
}

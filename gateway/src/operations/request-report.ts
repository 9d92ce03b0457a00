import type { GraphQLFormattedError } from 'graphql'

/** What the log line and the metrics of one request say; filled in on its way. */
export interface RequestReport {
  /** As the client named it; undefined until the operation is known, and for those without a name. */
  operationName: string | undefined
  operationType: 'query' | 'mutation' | 'subscription' | undefined
  /** Of each error in the answer. */
  readonly errors: ReportedError[]
  /** Where the whole answer came from; `bypass` where none could have been kept. */
  answer: 'hit' | 'miss' | 'bypass'
}

/** An error, as far as it is counted. */
export interface ReportedError {
  readonly code: string
  /** The subgraph that it is about; undefined for the gateway's own. */
  readonly service: string | undefined
}

/** An empty report. */
export function createRequestReport(): RequestReport {
  return { operationName: undefined, operationType: undefined, errors: [], answer: 'bypass' }
}

/** Reads off an error what is counted. */
export function reported({ extensions }: Pick<GraphQLFormattedError, 'extensions'>): ReportedError {
  const service = extensions?.service
  return { code: String(extensions?.code), service: typeof service === 'string' ? service : undefined }
}

/** What the request's span says, so that a list of traces shows what was asked, whence the answer came, and what failed. */
export function spanAttributes({ operationName, operationType, errors, answer }: RequestReport) {
  return {
    'graphql.operation.name': operationName,
    'graphql.operation.type': operationType,
    'freshet.answer': answer,
    'freshet.errors':
      errors.length === 0
        ? undefined
        : errors.map(({ code, service }) => (service === undefined ? code : `${code} ${service}`)),
  }
}

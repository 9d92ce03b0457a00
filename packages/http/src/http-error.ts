import { traceId } from '@freshet/telemetry'
import type { FastifyError, FastifyReply, FastifyRequest } from 'fastify'

/**
 * An error whose message is meant for the client. Thrown in a route, it becomes
 * `{"errors":[{"message":...,"extensions":{"code":...}}]}` with its status. Everything else that a
 * route throws is masked.
 */
export class HttpError extends Error {
  override readonly name = 'HttpError'
  readonly statusCode: number
  readonly code: string

  constructor(statusCode: number, code: string, message: string, options?: ErrorOptions) {
    super(message, options)
    this.statusCode = statusCode
    this.code = code
  }
}

/** GraphQL's shape of errors, for HTTP errors too: a client has one way to read them. */
export interface ErrorBody {
  readonly errors: readonly {
    readonly message: string
    readonly extensions: { readonly code: string; readonly traceId?: string }
  }[]
}

/** The body of an error answer. */
export function errorBody(code: string, message: string, trace?: string): ErrorBody {
  return { errors: [{ message, extensions: { code, ...(trace !== undefined && { traceId: trace }) } }] }
}

/** Fastify's own refusals, said so that a client knows what to change. */
const refusals: Readonly<Record<string, (limitBytes: number) => [code: string, message: string]>> = {
  FST_ERR_CTP_BODY_TOO_LARGE: (limitBytes) => [
    'PAYLOAD_TOO_LARGE',
    `The body is larger than ${limitBytes} bytes.`,
  ],
  FST_ERR_CTP_INVALID_JSON_BODY: () => ['BAD_REQUEST', 'The body is not valid JSON.'],
  FST_ERR_CTP_EMPTY_JSON_BODY: () => ['BAD_REQUEST', 'The body is empty; JSON is expected.'],
  FST_ERR_CTP_INVALID_CONTENT_LENGTH: () => [
    'BAD_REQUEST',
    'The body is not as long as content-length says.',
  ],
  FST_ERR_CTP_INVALID_MEDIA_TYPE: () => [
    'UNSUPPORTED_MEDIA_TYPE',
    'The content-type is not supported; send application/json.',
  ],
  FST_ERR_BAD_URL: () => ['BAD_REQUEST', 'The URL is malformed.'],
}

/** Answers an error that a route threw. What is not meant for the client is logged and masked. */
export function answerError(
  error: FastifyError | HttpError,
  request: FastifyRequest,
  reply: FastifyReply,
  bodyLimitBytes: number,
): void {
  const status = error.statusCode ?? 500
  const refusal = refusals[error.code]?.(bodyLimitBytes)
  if (refusal !== undefined) {
    void reply.code(status).send(errorBody(...refusal))
  } else if (error instanceof HttpError || (status >= 400 && status < 500)) {
    void reply.code(status).send(errorBody(error.code ?? 'BAD_REQUEST', error.message))
  } else {
    request.log.error(
      { err: error, method: request.method, route: request.routeOptions.url },
      'a request failed',
    )
    void reply
      .code(500)
      .send(errorBody('INTERNAL_SERVER_ERROR', 'Something went wrong on our side.', traceId()))
  }
}

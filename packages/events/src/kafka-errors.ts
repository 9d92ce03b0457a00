import { BusUnavailableError, MessageRefusedError, UndeclaredTopicError } from './bus.ts'

/** Protocol errors that belong to the message: no retry helps. */
const refused = new Set([
  'MESSAGE_TOO_LARGE',
  'RECORD_LIST_TOO_LARGE',
  'INVALID_RECORD',
  'INVALID_TIMESTAMP',
  'UNSUPPORTED_FOR_MESSAGE_FORMAT',
  'POLICY_VIOLATION',
  'TOPIC_AUTHORIZATION_FAILED',
])
const undeclared = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'INVALID_TOPIC_EXCEPTION'])

/** kafkajs wraps a protocol error once or twice; its `type` is what tells. */
export function protocolType(error: unknown): string | undefined {
  for (let link = error, depth = 0; link instanceof Object && depth < 5; depth++) {
    if ('type' in link && typeof link.type === 'string') return link.type
    link = 'cause' in link ? link.cause : undefined
  }
  return undefined
}

/** An error of kafkajs as one of the port's; those pass unchanged. */
export function toBusError(error: unknown, topics: readonly string[] = []): Error {
  if (
    error instanceof UndeclaredTopicError ||
    error instanceof MessageRefusedError ||
    error instanceof BusUnavailableError
  ) {
    return error
  }
  const type = protocolType(error)
  const text = error instanceof Error ? error.message : String(error)
  if (type && undeclared.has(type)) return new UndeclaredTopicError(topics.join(', '), { cause: error })
  if (type && refused.has(type)) return new MessageRefusedError(text, { cause: error })
  return new BusUnavailableError(text, { cause: error })
}

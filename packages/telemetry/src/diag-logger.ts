import type { DiagLogger } from '@opentelemetry/api'
import type { Logger } from './logger.ts'

/**
 * ioredis fails a command twice when its connection ends, and its instrumentation ends the span twice: during an
 * outage of Redis these two would be most of the log. They say nothing that one can act on.
 */
const noise = /end\(\) on a span once|execute the operation on ended span/i

/** The SDK's own complaints, as log lines like any other. */
export function createDiagLogger(logger: Logger): DiagLogger {
  return {
    error: (message) => (noise.test(message) ? logger.debug(message) : logger.error(message)),
    warn: (message) => (noise.test(message) ? logger.debug(message) : logger.warn(message)),
    info: (message) => logger.info(message),
    debug: (message) => logger.debug(message),
    verbose: (message) => logger.trace(message),
  }
}

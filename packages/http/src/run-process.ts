import { createLogger, type Logger, maskText, shutdownTelemetry } from '@freshet/telemetry'
import type { ShutdownTimes } from './server.ts'

/** What {@link runProcess} needs. */
export interface ProcessOptions {
  /** The process' name, for its messages. */
  readonly name: string
  readonly logger?: Logger
  /** What the HTTP server was given: with a margin, it bounds the whole end. */
  readonly shutdown: Required<ShutdownTimes>
  /** Opens everything. What it returns is closed at the end, once. */
  readonly start: () => Promise<{ close(): Promise<void> }>
}

/** What lies behind the HTTP server (consumers, pools) gets this much longer to close. */
const CLOSE_MARGIN_MS = 2_000

/**
 * A process' life: starts, and ends with everything closed and telemetry flushed.
 *
 * - SIGINT or SIGTERM: closes once (a signal that comes again changes nothing: a terminal and npm
 *   both send one for a single Ctrl-C), bounded by `shutdown` and a margin, then exits with 0; with 1
 *   if closing failed or took longer.
 * - `start` rejects: prints why to stderr, exits with 1.
 * - An unhandled rejection or exception: logged, exits with 1; state is unknown, so nothing goes on.
 */
export async function runProcess({
  name,
  logger = createLogger(name),
  shutdown: { drainMs, graceMs },
  start,
}: ProcessOptions): Promise<void> {
  let ending = false
  async function end(status: number): Promise<never> {
    await shutdownTelemetry()
    process.exit(status)
  }
  function crash(error: unknown, what: string): void {
    logger.fatal({ err: error }, what)
    void end(1)
  }
  process.on('unhandledRejection', (error) => crash(error, 'unhandled rejection'))
  process.on('uncaughtException', (error) => crash(error, 'uncaught exception'))

  const started = Promise.withResolvers<Awaited<ReturnType<typeof start>>>()
  async function stop(signal: string): Promise<void> {
    if (ending) return
    ending = true
    logger.info({ signal }, 'closing')
    const limitMs = drainMs + graceMs + CLOSE_MARGIN_MS
    const timer = setTimeout(() => {
      logger.error({ limitMs }, 'closing takes too long; leaving without it')
      void end(1)
    }, limitMs)
    try {
      // A signal during the start waits for it: what is half open can't be closed.
      await (await started.promise).close()
      logger.info('closed')
    } catch (error) {
      logger.error({ err: error }, 'closing failed')
      await end(1)
    } finally {
      clearTimeout(timer)
    }
    await end(0)
  }
  process.on('SIGTERM', () => void stop('SIGTERM'))
  process.on('SIGINT', () => void stop('SIGINT'))

  // Only now: a signal must never find the process without its handlers.
  try {
    started.resolve(await start())
  } catch (error) {
    if (ending) return started.reject(error)
    ending = true
    // The stack is for the log; the person who started it wants the reason.
    logger.fatal({ err: error }, 'could not start')
    process.stderr.write(`${name} could not start: ${maskText(reasons(error))}\n`)
    await end(1)
  }
}

/** An error's message with those of its causes. */
function reasons(error: unknown): string {
  if (!(error instanceof Error)) return String(error)
  const own = error.message || ('code' in error ? String(error.code) : error.name)
  return error.cause === undefined ? own : `${own}\n  because: ${reasons(error.cause)}`
}

import { type Server, STATUS_CODES } from 'node:http'
import { isIPv6, type Socket } from 'node:net'
import { setTimeout as pause } from 'node:timers/promises'
import { type Logger, METRICS_CONTENT_TYPE, meter, metricsText, setHttpRoute } from '@freshet/telemetry'
import {
  type FastifyBaseLogger,
  type FastifyError,
  type FastifyInstance,
  fastify,
  LogController,
} from 'fastify'
import { type Check, createChecks } from './checks.ts'
import { answerError, errorBody, HttpError } from './http-error.ts'
import { answerUnknownRoute } from './unknown-route.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** A JSON body exactly as it arrived, for signatures. Empty if there was none. */
    rawBody: string
  }
}

/** What {@link createHttpServer} needs. */
export interface HttpServerOptions {
  /** The process' name; the tracer's and log lines' too. */
  readonly name: string
  readonly logger: Logger
  /** What must work for the process to be ready, by name: `{ postgres: () => database.ping() }`. */
  readonly checks: Readonly<Record<string, Check>>
  /**
   * What /readyz tells beside the checks, under `observed`: the state of what the process can do without. It
   * never makes the process unready: `status` says `degraded` when any of it is not `ok`. Asked on every probe, so it
   * must be at hand: `createObserver` keeps the last known state of what has to be asked.
   */
  readonly observed?: () => Readonly<Record<string, string>>
  /** Larger bodies are refused with 413; 1 MiB unless told otherwise. */
  readonly bodyLimitBytes?: number
  readonly shutdown?: ShutdownTimes
  /** How long a readiness check may take before it counts as failed; 2 s unless told otherwise. */
  readonly checkTimeoutMs?: number
}

/** How `close()` ends requests. */
export interface ShutdownTimes {
  /**
   * How long requests are still taken, each answered with `connection: close` and /readyz with 503: a balancer needs
   * that time to look elsewhere, a client with a kept-alive connection to hear of it. None unless told otherwise.
   */
  readonly drainMs?: number
  /** How long requests in flight may take from then on before they are cut off; 10 s unless told otherwise. */
  readonly graceMs?: number
}

/** As the environment has them: `serviceEnvironment` of @freshet/config. */
export function shutdownTimes(config: {
  readonly SHUTDOWN_DRAIN_MS: number
  readonly SHUTDOWN_GRACE_MS: number
}): Required<ShutdownTimes> {
  return { drainMs: config.SHUTDOWN_DRAIN_MS, graceMs: config.SHUTDOWN_GRACE_MS }
}

/** A server with health, readiness, metrics, JSON errors and a graceful end. */
export interface HttpServer {
  /** Register routes here, before `listen`. */
  readonly app: FastifyInstance
  /**
   * Starts to listen; port 0 lets the system choose one.
   * @returns the server's URL, without a slash at its end.
   * @throws {AddressInUseError} when another process listens there.
   */
  readonly listen: (at: { host: string; port: number }) => Promise<string>
  /**
   * Not ready from now on; takes requests for `drainMs`; stops to accept connections; lets requests in flight finish,
   * bounded by `graceMs`; then everything is closed. Calling it again waits for the same end.
   */
  readonly close: () => Promise<void>
}

/** Another process listens on the port already. */
export class AddressInUseError extends Error {
  override readonly name = 'AddressInUseError'
  readonly code = 'ADDRESS_IN_USE'

  constructor(host: string, port: number, options?: ErrorOptions) {
    super(`Port ${port} of ${host} is in use by another process.`, options)
  }
}

/** A client that sends its request this slowly is not one that we serve. */
const REQUEST_TIMEOUT_MS = 30_000

/** How often slow requests are looked for: with Node's 30 s they would last up to twice their time. */
const SLOW_REQUEST_CHECK_MS = 5_000

/** Creates a server; see {@link HttpServer}. Adds GET /livez, /readyz and /metrics. */
export function createHttpServer(options: HttpServerOptions): HttpServer {
  const { logger, checks, observed, bodyLimitBytes = 1_048_576 } = options
  const { checkTimeoutMs = 2_000, shutdown: { drainMs = 0, graceMs = 10_000 } = {} } = options
  const app: FastifyInstance = fastify({
    loggerInstance: logger as FastifyBaseLogger,
    // A request's trace says more than two lines about it; its failure is logged by answerError.
    logController: new LogController({ disableRequestLogging: true }),
    // One logger for all: lines carry the trace's id, a request id beside it would say it twice.
    childLoggerFactory: (parent) => parent,
    bodyLimit: bodyLimitBytes,
    requestTimeout: REQUEST_TIMEOUT_MS,
    http: {
      // Node's own 60 s for the headers would win: of the two it takes the longer one for the body.
      headersTimeout: REQUEST_TIMEOUT_MS,
      requestTimeout: REQUEST_TIMEOUT_MS,
      connectionsCheckingInterval: SLOW_REQUEST_CHECK_MS,
    },
    // A request that was already on its way when closing began is answered, not refused.
    return503OnClosing: false,
    routerOptions: { ignoreTrailingSlash: true },
    clientErrorHandler: answerBrokenRequest,
    frameworkErrors: (error, request, reply) => answerError(error, request, reply, bodyLimitBytes),
  })
  const endUnused = trackUnused(app.server)
  let closing: Promise<void> | undefined

  keepRawJson(app)
  app.setErrorHandler<FastifyError>((error, request, reply) =>
    answerError(error, request, reply, bodyLimitBytes),
  )
  answerUnknownRoute(app)
  countRequests(app)

  app.addHook('onSend', async (_request, reply) => {
    // Clients that keep connections alive must open the next one elsewhere.
    if (closing !== undefined) reply.header('connection', 'close')
  })

  const runChecks = createChecks(checks, checkTimeoutMs)
  app.get('/livez', async () => ({ status: 'ok' }))
  app.get('/readyz', async (_request, reply) => {
    // Two systems may compete for a port: whoever asks can tell whether the right process answers.
    reply.header('x-process-id', process.pid)
    if (closing !== undefined) return reply.code(503).send({ status: 'closing', checks: {} })
    const results = await runChecks()
    const others = observed?.()
    const ready = isWell(results)
    return reply.code(ready ? 200 : 503).send({
      status: !ready ? 'not ready' : isWell(others ?? {}) ? 'ok' : 'degraded',
      checks: results,
      ...(others && { observed: others }),
    })
  })
  app.get('/metrics', async (_request, reply) => reply.type(METRICS_CONTENT_TYPE).send(await metricsText()))

  async function closeGracefully(): Promise<void> {
    if (drainMs > 0 && app.server.listening) await pause(drainMs)
    const timer = setTimeout(() => {
      logger.warn({ graceMs }, 'requests were still in flight after the grace period; cutting them off')
      app.server.closeAllConnections()
    }, graceMs)
    try {
      const closed = app.close()
      endUnused()
      await closed
    } finally {
      clearTimeout(timer)
    }
  }

  return {
    app,
    async listen({ host, port }) {
      try {
        await app.listen({ host, port })
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error
        throw new AddressInUseError(host, port, { cause: error })
      }
      const address = app.server.address()
      const actualPort = typeof address === 'object' && address !== null ? address.port : port
      return `http://${isIPv6(host) ? `[${host}]` : host}:${actualPort}`
    },
    close() {
      closing ??= closeGracefully()
      return closing
    },
  }
}

const isWell = (states: Readonly<Record<string, string>>) =>
  Object.values(states).every((state) => state === 'ok')

/**
 * Connections on which nothing has been asked yet (a browser's preconnect, a load balancer's TCP check). Node
 * does not count them as idle: a shutdown would wait for them until the grace period is over.
 *
 * @returns what ends them.
 */
function trackUnused(server: Server): () => void {
  const connections = new Set<Socket>()
  server.on('connection', (socket) => {
    connections.add(socket)
    socket.once('close', () => connections.delete(socket))
  })
  return () => {
    // A request that has begun to arrive will be answered.
    for (const socket of connections) if (socket.bytesRead === 0) socket.destroy()
  }
}

/**
 * Fastify's own JSON parser (which refuses `__proto__`), but the text is kept, and bytes that are no UTF-8 are
 * refused rather than replaced: the text stands for exactly the bytes that were signed, a byte order mark included.
 */
function keepRawJson(app: FastifyInstance): void {
  const parse = app.getDefaultJsonParser('error', 'error')
  app.decorateRequest('rawBody', '')
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true })
  app.addContentTypeParser('application/json', { parseAs: 'buffer' }, (request, body, done) => {
    // Nobody reads it there; the answer is 404 or 405, whatever the body is.
    if (request.is404) return done(null)
    try {
      request.rawBody = decoder.decode(body as Buffer)
    } catch {
      return done(new HttpError(400, 'BAD_REQUEST', 'The body is not valid UTF-8.'))
    }
    void parse(request, request.rawBody, done)
  })
}

/**
 * Rate, errors and durations come from the HTTP instrumentation (`http_server_request_duration_seconds`);
 * the route that labels them is only known here, as is the number of requests in flight.
 */
function countRequests(app: FastifyInstance): void {
  const inFlight = meter('@freshet/http').createUpDownCounter('http.server.active_requests', {
    description: 'Requests that are being answered.',
    unit: '{request}',
  })
  app.addHook('onRequest', async (request, reply) => {
    const route = request.routeOptions.url
    if (route !== undefined) setHttpRoute(route)
    const labels = { 'http.request.method': request.method, 'http.route': route ?? 'unknown' }
    inFlight.add(1, labels)
    // `close` comes once, whether the answer was sent or the client went away.
    reply.raw.once('close', () => inFlight.add(-1, labels))
  })
}

/** Answers what is not even HTTP; there is no request for a route to see. */
function answerBrokenRequest(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed || !socket.writable) return
  const status =
    error.code === 'HPE_HEADER_OVERFLOW' ? 431 : error.code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 408 : 400
  const body = JSON.stringify(errorBody('BAD_REQUEST', `${STATUS_CODES[status]}.`))
  socket.end(
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
  )
}

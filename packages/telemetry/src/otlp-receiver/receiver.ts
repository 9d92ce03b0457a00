import { once } from 'node:events'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { decodeJson } from './decode-json.ts'
import { decodeProtobuf } from './decode-protobuf.ts'
import { formatTrace } from './format-trace.ts'
import type { ReceivedSpan } from './received-span.ts'

/** How {@link startOtlpReceiver} listens and keeps. */
export interface OtlpReceiverOptions {
  /** 127.0.0.1 unless told otherwise. */
  readonly host?: string
  /** Chosen by the system unless told otherwise; 4318 is the protocol's usual one. */
  readonly port?: number
  /** Older spans are forgotten beyond this many, 0 to hold none; 50,000 unless told otherwise. */
  readonly maxSpans?: number
  /** Told of each batch, to keep it elsewhere: see `createTraceFile`. */
  readonly onSpans?: (spans: readonly ReceivedSpan[]) => void
}

/** A collector in miniature. */
export interface OtlpReceiver {
  /** The value for OTEL_EXPORTER_OTLP_ENDPOINT. */
  readonly url: string
  /** Every span that is held, in the order of arrival. */
  readonly spans: () => ReceivedSpan[]
  /** The spans of one trace, in the order of their start. */
  readonly trace: (traceId: string) => ReceivedSpan[]
  /**
   * Resolves with the trace as soon as `until` holds for what has arrived of it.
   * Rejects after `timeoutMs` (10 s unless told otherwise) with a message that shows what did arrive.
   */
  readonly waitForTrace: (
    traceId: string,
    until: (spans: readonly ReceivedSpan[]) => boolean,
    options?: { timeoutMs?: number },
  ) => Promise<ReceivedSpan[]>
  /** Forgets everything. */
  readonly reset: () => void
  readonly close: () => Promise<void>
}

const LARGEST_BODY_BYTES = 16 * 1_048_576

const unzip = promisify(gunzip)

/** Starts to receive traces by OTLP over HTTP, as protobuf or JSON, plain or gzipped, at /v1/traces. */
export async function startOtlpReceiver(options: OtlpReceiverOptions = {}): Promise<OtlpReceiver> {
  const { host = '127.0.0.1', port = 0, maxSpans = 50_000, onSpans } = options
  let held: ReceivedSpan[] = []
  const waiting = new Set<() => void>()

  const server = createServer((request, response) => {
    void receive(request).then(
      ({ spans, contentType }) => {
        // slice(-0) would keep all of them.
        held = maxSpans === 0 ? [] : held.concat(spans).slice(-maxSpans)
        onSpans?.(spans)
        for (const look of waiting) look()
        // An empty message: everything was accepted.
        response.writeHead(200, { 'content-type': contentType }).end(contentType === JSON_TYPE ? '{}' : '')
      },
      (error: unknown) => refuse(response, error),
    )
  })
  server.listen(port, host)
  await once(server, 'listening')

  const trace = (traceId: string) =>
    held.filter((span) => span.traceId === traceId).sort((a, b) => Number(a.startNs - b.startNs))

  return {
    url: `http://${host}:${(server.address() as AddressInfo).port}`,
    spans: () => [...held],
    trace,
    waitForTrace(traceId, until, { timeoutMs = 10_000 } = {}) {
      const { promise, resolve, reject } = Promise.withResolvers<ReceivedSpan[]>()
      function look(): void {
        const spans = trace(traceId)
        if (spans.length > 0 && until(spans)) resolve(spans)
      }
      const timer = setTimeout(() => {
        const arrived = trace(traceId)
        reject(
          new Error(
            `Trace ${traceId} was not complete within ${timeoutMs} ms. Arrived:\n${formatTrace(arrived)}`,
          ),
        )
      }, timeoutMs)
      waiting.add(look)
      try {
        look()
      } catch (error) {
        reject(error)
      }
      return promise.finally(() => {
        clearTimeout(timer)
        waiting.delete(look)
      })
    },
    reset() {
      held = []
    },
    async close() {
      server.close()
      server.closeAllConnections()
      await once(server, 'close')
    },
  }
}

const JSON_TYPE = 'application/json'
const PROTOBUF_TYPE = 'application/x-protobuf'

/** A request that is not an export of traces. */
class RefusedError extends Error {
  readonly status: number
  constructor(status: number, message: string) {
    super(message)
    this.status = status
  }
}

async function receive(request: IncomingMessage): Promise<{ spans: ReceivedSpan[]; contentType: string }> {
  const path = request.url?.split('?', 1)[0]
  if (path !== '/v1/traces') throw new RefusedError(404, 'Only /v1/traces is received here.')
  if (request.method !== 'POST') throw new RefusedError(405, 'Traces are sent with POST.')
  const contentType = request.headers['content-type']?.split(';', 1)[0]
  if (contentType !== JSON_TYPE && contentType !== PROTOBUF_TYPE) {
    throw new RefusedError(415, `The content-type must be ${PROTOBUF_TYPE} or ${JSON_TYPE}.`)
  }
  const body = await readBody(request)
  try {
    return {
      spans: contentType === JSON_TYPE ? decodeJson(body.toString('utf8')) : decodeProtobuf(body),
      contentType,
    }
  } catch (error) {
    throw new RefusedError(400, `The body is not an export of traces: ${String(error)}`)
  }
}

async function readBody(request: IncomingMessage): Promise<Buffer> {
  const chunks: Buffer[] = []
  let length = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    length += chunk.length
    if (length > LARGEST_BODY_BYTES)
      throw new RefusedError(413, `The body is larger than ${LARGEST_BODY_BYTES} bytes.`)
    chunks.push(chunk)
  }
  const body = Buffer.concat(chunks)
  if (request.headers['content-encoding'] !== 'gzip') return body
  try {
    return await unzip(body, { maxOutputLength: LARGEST_BODY_BYTES })
  } catch {
    throw new RefusedError(400, 'The body is not gzip, or too large when unpacked.')
  }
}

function refuse(response: ServerResponse, error: unknown): void {
  const status = error instanceof RefusedError ? error.status : 500
  response
    .writeHead(status, { 'content-type': JSON_TYPE, connection: 'close' })
    .end(JSON.stringify({ message: error instanceof Error ? error.message : String(error) }))
}

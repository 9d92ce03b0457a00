import { appendFileSync, existsSync, mkdirSync, readFileSync, renameSync, statSync } from 'node:fs'
import { dirname } from 'node:path'
import type { ReceivedSpan } from './received-span.ts'

/** Keeps spans in a file: see {@link createTraceFile}. */
export interface TraceFile {
  /** To be given to the receiver as `onSpans`. */
  readonly append: (spans: readonly ReceivedSpan[]) => void
}

/**
 * Appends spans to a file, one JSON object a line, for `freshet trace`. When the file has reached
 * half of `maxBytes` it becomes `<path>.1` (replacing the last one) and a new one begins: both
 * together never hold more, and the newest spans are always there.
 *
 * @param path its folder is created.
 * @param limits.maxBytes 64 MiB unless told otherwise.
 */
export function createTraceFile(
  path: string,
  { maxBytes = 64 * 1_048_576 }: { maxBytes?: number } = {},
): TraceFile {
  mkdirSync(dirname(path), { recursive: true })
  let size = existsSync(path) ? statSync(path).size : 0
  return {
    append(spans) {
      if (spans.length === 0) return
      const lines = Buffer.from(spans.map((span) => `${JSON.stringify(span, bigintAsText)}\n`).join(''))
      if (size > 0 && size + lines.length > maxBytes / 2) {
        renameSync(path, `${path}.1`)
        size = 0
      }
      appendFileSync(path, lines)
      size += lines.length
    },
  }
}

/**
 * The spans of the traces whose id begins with `traceId` (a prefix will do; empty: all), oldest
 * file first. A line that is cut off, because its writer was killed, is skipped. Missing files hold nothing.
 */
export function readTraceFile(path: string, traceId = ''): ReceivedSpan[] {
  const wanted = traceId.toLowerCase()
  return (
    [`${path}.1`, path]
      .filter((file) => existsSync(file))
      .flatMap((file) => readFileSync(file, 'utf8').split('\n'))
      // Both decoders put the id first: most lines need no parsing.
      .filter((line) => line.startsWith(`{"traceId":"${wanted}`))
      .flatMap(parseLine)
  )
}

function parseLine(line: string): ReceivedSpan[] {
  try {
    const span = JSON.parse(line) as ReceivedSpan & { startNs: string; endNs: string }
    return [{ ...span, startNs: BigInt(span.startNs), endNs: BigInt(span.endNs) }]
  } catch {
    return []
  }
}

function bigintAsText(_key: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value
}

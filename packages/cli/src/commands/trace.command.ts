import { layoutOf } from '@freshet/local'
import {
  formatTrace,
  isStillArriving,
  type ReceivedSpan,
  readTraceFile,
  rootSpan,
} from '@freshet/telemetry/otlp-receiver'
import { Command } from 'commander'
import { traceFileOf } from '../collector.ts'
import { operationTitle } from '../operation-title.ts'
import { complain, say } from '../say.ts'
import { positive } from './option-values.ts'
import { existingProfileOption } from './profile-option.ts'

type Options = { slow?: boolean; errors?: boolean; all?: boolean; lines: number; profile: string }

/** `freshet trace`. */
export const traceCommand = new Command('trace')
  .summary('show where a request spent its time')
  .description(
    'With an id (or its beginning, as in a log line or an error): the whole trace as a tree, through gateway, services, SQL, Redis and Kafka.\nWithout: the latest traces, one a line.\nReads what `npm start` has kept. If OTEL_EXPORTER_OTLP_ENDPOINT names a collector, traces go there instead.',
  )
  .argument('[id]', 'a trace id, or its first digits')
  .option('--slow', 'the slowest first')
  .option('--errors', 'only those with a failed span, or refused')
  .option('--all', 'also single spans, such as a page or a script that a browser loads')
  .option('-n, --lines <count>', 'how many to list', positive, 20)
  .addOption(existingProfileOption())
  .action((id: string | undefined, options: Options) => {
    if (id !== undefined && !/^[0-9a-f]{1,32}$/i.test(id)) {
      complain(`${id} is not a trace id: hexadecimal digits, at most 32`)
      process.exitCode = 1
      return
    }
    const spans = readTraceFile(traceFileOf(layoutOf(options.profile)), id)
    if (spans.length === 0) {
      complain(
        id === undefined
          ? 'no traces yet: send a query while `npm start` runs'
          : `no trace begins with ${id} (traces arrive some seconds after the request, and the oldest are dropped)`,
      )
      process.exitCode = 1
      return
    }
    if (id === undefined) return say(list(spans, options))
    say(formatTrace(spans))
    if (isStillArriving(spans)) say('still arriving: ask again in some seconds')
  })

type Summary = {
  id: string
  startNs: bigint
  ms: number
  spans: ReceivedSpan[]
  failed: number
  /** Of the request itself: 400 for one that was refused. */
  httpStatus: number
}

function list(spans: readonly ReceivedSpan[], { slow, errors, all, lines }: Options): string {
  const summaries = [...Map.groupBy(spans, ({ traceId }) => traceId)].map(([id, own]) => summarise(id, own))
  const chosen = summaries
    .filter((one) => !errors || hasFailed(one))
    .filter((one) => all || one.spans.length > 1 || hasFailed(one))
    .sort(slow ? (a, b) => b.ms - a.ms : (a, b) => Number(b.startNs - a.startNs))
    .slice(0, lines)
  if (chosen.length === 0)
    return errors ? 'no trace has a failed span' : 'only single spans; --all lists them'
  const rows = chosen.map((one) =>
    [
      one.id,
      new Date(Number(one.startNs / 1_000_000n)).toISOString().slice(11, 23),
      `${one.ms.toFixed(1)} ms`.padStart(11),
      `${one.spans.length} spans`.padStart(10),
      [
        one.httpStatus >= 400 ? `HTTP ${one.httpStatus}` : '',
        one.failed === 0 ? '' : `${one.failed} failed`,
        isStillArriving(one.spans) ? 'still arriving' : '',
      ]
        .filter((note) => note !== '')
        .join(', '),
      titleOf(one.spans),
    ].join('  '),
  )
  return rows.join('\n')
}

/** The time is the request's own: consumers go on with the trace long after the client has its answer. */
function summarise(id: string, spans: ReceivedSpan[]): Summary {
  const first = rootSpan(spans)!
  return {
    id,
    startNs: first.startNs,
    ms: Number(first.endNs - first.startNs) / 1e6,
    spans,
    failed: spans.filter(isFailed).length,
    httpStatus: Number(first.attributes['http.response.status_code'] ?? 0),
  }
}

function hasFailed({ failed, httpStatus }: Summary): boolean {
  return failed > 0 || httpStatus >= 400
}

/** The tracing of GraphQL notes what it finds in parsing and validating as an event, and leaves the span's status alone. */
function isFailed({ status, events }: ReceivedSpan): boolean {
  return status.code === 'error' || events.some(({ name }) => name === 'exception')
}

/**
 * The client's operation: its name, else its root fields. Where the gateway had parsed its text before, they are those
 * that services resolved; where it had the answer, too, there is nothing left of it but its type.
 */
function titleOf(spans: readonly ReceivedSpan[]): string {
  const { service, name } = rootSpan(spans)!
  const own = spans.filter((span) => span.service === service)
  const type = textsOf(own, 'graphql.operation.type')[0] ?? 'query'
  const operation =
    textsOf(own, 'graphql.operation.name')[0] ??
    operationTitle(textsOf(own, 'graphql.source')[0] ?? '') ??
    operationTitle(`${type} { ${resolvedRootFields(spans).join(' ')} }`)
  const anonymous = name.endsWith('/graphql') ? `(anonymous ${type})` : ''
  return [service, name, operation ?? anonymous].join(' ').trimEnd()
}

// `_entities` is what the gateway asks for, not the client.
function resolvedRootFields(spans: readonly ReceivedSpan[]): string[] {
  const roots = spans.filter(({ attributes }) =>
    ['Query', 'Mutation'].includes(attributes['graphql.parent.name'] as string),
  )
  return textsOf(roots, 'graphql.field.name').filter((field) => !field.startsWith('_'))
}

function textsOf(spans: readonly ReceivedSpan[], attribute: string): string[] {
  return spans.flatMap(({ attributes }) => {
    const value = attributes[attribute]
    return typeof value === 'string' && value !== '' ? [value] : []
  })
}

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
  .option('--errors', 'only those with a failed span')
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

type Summary = { id: string; startNs: bigint; ms: number; spans: ReceivedSpan[]; failed: number }

function list(spans: readonly ReceivedSpan[], { slow, errors, all, lines }: Options): string {
  const summaries = [...Map.groupBy(spans, ({ traceId }) => traceId)].map(([id, own]) => summarise(id, own))
  const chosen = summaries
    .filter(({ failed }) => !errors || failed > 0)
    .filter(({ spans: own, failed }) => all || own.length > 1 || failed > 0)
    .sort(slow ? (a, b) => b.ms - a.ms : (a, b) => Number(b.startNs - a.startNs))
    .slice(0, lines)
  if (chosen.length === 0)
    return errors ? 'no trace has a failed span' : 'only single spans; --all lists them'
  const rows = chosen.map(({ id, startNs, ms, spans: own, failed }) =>
    [
      id,
      new Date(Number(startNs / 1_000_000n)).toISOString().slice(11, 23),
      `${ms.toFixed(1)} ms`.padStart(11),
      `${own.length} spans`.padStart(10),
      [failed === 0 ? '' : `${failed} failed`, isStillArriving(own) ? 'still arriving' : ''].join(' ').trim(),
      titleOf(own),
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
    failed: spans.filter(({ status }) => status.code === 'error').length,
  }
}

/** The client's operation, if it gave it a name. */
function titleOf(spans: readonly ReceivedSpan[]): string {
  const { service, name } = rootSpan(spans)!
  const operation = spans.find(
    (span) => span.service === service && span.attributes['graphql.operation.name'],
  )
  const named = operation?.attributes['graphql.operation.name']
  return [service, name, typeof named === 'string' ? named : ''].join(' ').trimEnd()
}

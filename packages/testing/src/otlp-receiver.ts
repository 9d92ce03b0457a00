/**
 * A collector in miniature, for tests that assert what a trace shows. It stands in
 * @freshet/telemetry, because the `freshet` command receives and prints traces with it too.
 */
export {
  formatTrace,
  type OtlpReceiver,
  type ReceivedSpan,
  startOtlpReceiver,
} from '@freshet/telemetry/otlp-receiver'

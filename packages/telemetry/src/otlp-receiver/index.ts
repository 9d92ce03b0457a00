export { formatTrace } from './format-trace.ts'
export type {
  AttributeValue,
  ReceivedAttributes,
  ReceivedSpan,
  SpanKindName,
  StatusCodeName,
} from './received-span.ts'
export { type OtlpReceiver, type OtlpReceiverOptions, startOtlpReceiver } from './receiver.ts'
export { isStillArriving, rootSpan } from './root-span.ts'
export { createTraceFile, readTraceFile, type TraceFile } from './trace-file.ts'

/**
 * A client's method as kafkajs made it, when OpenTelemetry's kafkajs instrumentation has wrapped it.
 *
 * The instrumentation knows one context per send, and for a batch of messages it opens a new trace that only links to
 * theirs. One trace must show the write, the relay, the topic and every consumer, so this package makes the spans
 * itself (trace.ts, same names and attributes) and must not have each of them twice. The instrumentation's wrapper
 * keeps the original under `__original` (its shimmer's convention, public through `isWrapped`).
 */
export function withoutInstrumentation<Client extends object, Method extends keyof Client>(
  client: Client,
  method: Method,
): Client[Method] {
  const wrapped = client[method]
  const original = typeof wrapped === 'function' ? Reflect.get(wrapped, '__original') : undefined
  return typeof original === 'function' ? original.bind(client) : wrapped
}

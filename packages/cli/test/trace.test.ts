import { layoutOf, removeProfile } from '@freshet/local'
import { createTraceFile, type ReceivedSpan } from '@freshet/telemetry/otlp-receiver'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { traceFileOf } from '../src/collector.ts'
import { runFreshet } from './run-freshet.ts'

const profile = `trace-${process.pid}`
let at = 0n

function span(trace: string, changes: Partial<ReceivedSpan>): ReceivedSpan {
  at += 1_000_000n
  return {
    traceId: trace.repeat(32),
    spanId: at.toString(16).padStart(16, '0'),
    parentSpanId: undefined,
    name: 'POST /graphql',
    kind: 'internal',
    service: 'gateway',
    scope: 'test',
    attributes: {},
    links: [],
    events: [],
    startNs: at,
    endNs: at + 5_000_000n,
    status: { code: 'unset', message: '' },
    ...changes,
  }
}

/** A request to the gateway and one span of what came of it. */
function request(trace: string, httpStatus: number, child: Partial<ReceivedSpan>): ReceivedSpan[] {
  const attributes = { 'http.response.status_code': httpStatus }
  const root = span(trace, { kind: 'server', attributes })
  return [root, span(trace, { name: 'graphql.parse', parentSpanId: root.spanId, ...child })]
}

beforeAll(() => {
  const resolved = { 'graphql.parent.name': 'Mutation', 'graphql.field.name': 'setPrice' }
  createTraceFile(traceFileOf(layoutOf(profile))).append([
    ...request('a', 200, { attributes: { 'graphql.operation.name': 'FirstQuery' } }),
    ...request('b', 200, { attributes: { 'graphql.source': '{ me { id } }' } }),
    ...request('c', 200, { attributes: { 'graphql.operation.type': 'mutation' } }),
    span('c', { service: 'catalog', attributes: resolved, parentSpanId: '1' }),
    ...request('d', 200, {}),
    ...request('e', 400, { events: [{ name: 'exception', attributes: {} }] }),
  ])
})
afterAll(() => removeProfile(profile))

async function list(...options: string[]): Promise<string[]> {
  const run = runFreshet(['trace', ...options, '-p', profile])
  await run.ended
  return run.output().trimEnd().split('\n')
}

test('each trace is named by its operation, or by its root fields, wherever these are known from', async () => {
  const lines = await list()
  expect(lines.map((line) => line.replace(/^.*gateway POST/, 'POST'))).toEqual([
    'POST /graphql (anonymous query)',
    'POST /graphql (anonymous query)',
    'POST /graphql mutation { setPrice }',
    'POST /graphql { me }',
    'POST /graphql FirstQuery',
  ])
})

test('what parsing or validation refused is marked, and listed by --errors', async () => {
  const lines = await list('--errors')
  expect(lines).toEqual([expect.stringMatching(/^e{32} .* HTTP 400, 1 failed .*\(anonymous query\)$/)])
})

import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import {
  createTraceFile,
  formatTrace,
  isStillArriving,
  type ReceivedSpan,
  readTraceFile,
  rootSpan,
} from '../src/otlp-receiver/index.ts'

const folder = mkdtempSync(join(tmpdir(), 'freshet-traces-'))
afterAll(() => rmSync(folder, { recursive: true }))

const traceId = 'ab'.repeat(16)

function span(
  spanId: string,
  over: Partial<ReceivedSpan> & { at?: number; took?: number } = {},
): ReceivedSpan {
  const { at = 0, took = 1, ...rest } = over
  const startNs = 1_700_000_000_000_000_000n + BigInt(Math.round(at * 1e6))
  return {
    traceId,
    spanId,
    parentSpanId: undefined,
    name: spanId,
    kind: 'internal',
    service: 'gateway',
    scope: '',
    attributes: {},
    links: [],
    events: [],
    status: { code: 'unset', message: '' },
    startNs,
    endNs: startNs + BigInt(Math.round(took * 1e6)),
    ...rest,
  }
}

test('prints a trace as a tree with times, services and what each span did', () => {
  const text = formatTrace([
    span('sql', {
      parentSpanId: 'sub',
      service: 'catalog',
      name: 'pg.query:SELECT freshet',
      at: 3,
      took: 1.26,
      attributes: { 'db.query.text': `select\n  "id" from "products" where ${'x'.repeat(200)}` },
    }),
    span('root', {
      name: 'POST /graphql',
      took: 20,
      attributes: { 'http.response.status_code': 200, 'http.route': '/graphql' },
    }),
    span('sub', {
      parentSpanId: 'root',
      name: 'POST',
      at: 2,
      took: 9,
      attributes: { 'url.full': 'http://127.0.0.1:4002/graphql' },
    }),
    span('consume', {
      parentSpanId: 'root',
      service: 'analytics',
      name: 'process catalog.product',
      at: 30,
      took: 2,
      attributes: {
        'messaging.destination.name': 'catalog.product',
        'messaging.destination.partition.id': '3',
        'messaging.kafka.offset': '41',
      },
      links: [{ traceId: 'cd'.repeat(16), spanId: 'x' }],
      status: { code: 'error', message: 'no such product' },
    }),
  ])
  expect(text).toBe(
    [
      `trace ${traceId}: 4 spans in 3 services, request 20.0 ms, all of it 32.0 ms, 1 failed`,
      '    start  duration  service   span',
      '      0.0      20.0  gateway   POST /graphql  200',
      '      2.0       9.0  gateway     POST  http://127.0.0.1:4002/graphql',
      `      3.0       1.3  catalog       pg.query:SELECT freshet  select "id" from "products" where ${'x'.repeat(76)}…`,
      '     30.0       2.0  analytics   process catalog.product  partition 3 offset 41  links trace cdcdcdcd  ERROR no such product',
    ].join('\n'),
  )
})

test('spans without their parent are shown and marked, but not the first: the client’s span is not sent here', () => {
  const text = formatTrace([
    span('first', { parentSpanId: 'client' }),
    span('late', { at: 1, parentSpanId: 'gone' }),
  ])
  expect(text).toContain('late (parent missing)')
  expect(text).not.toContain('first (parent missing)')
})

test('the root is what has no parent, else what misses it, else what began first and took longest', () => {
  const tied = [span('inner', { parentSpanId: 'outer' }), span('outer', { took: 9 })]
  expect(rootSpan(tied)?.spanId).toBe('outer')
  expect(formatTrace(tied)).toMatch(/request 9\.0 ms.* outer\n.* {3}inner$/s)
  const cut = [span('child', { parentSpanId: 'server' }), span('server', { parentSpanId: 'client', at: 1 })]
  expect(rootSpan(cut)?.spanId).toBe('server')
  expect(
    rootSpan([span('a', { parentSpanId: 'b' }), span('b', { parentSpanId: 'a', took: 2 })])?.spanId,
  ).toBe('b')
  expect(rootSpan([])).toBeUndefined()
})

test('a trace is still arriving while parents are missing and its youngest span is a few seconds old', () => {
  const waiting = [span('sql', { parentSpanId: 'late' })]
  const ended = 1_700_000_000_001
  expect(isStillArriving(waiting, ended + 5_000)).toBe(true)
  expect(isStillArriving(waiting, ended + 7_000)).toBe(false)
  expect(isStillArriving([span('a', { kind: 'server', parentSpanId: 'client' })], ended)).toBe(false)
})

test('spans that claim to be each other’s parent are printed once', () => {
  const text = formatTrace([
    span('a', { parentSpanId: 'b' }),
    span('b', { parentSpanId: 'a' }),
    span('c', { parentSpanId: 'c' }),
  ])
  expect(text.split('\n')).toHaveLength(5)
})

test('terminal escape sequences in attributes are not passed on', () => {
  expect(
    formatTrace([span('a', { attributes: { 'db.query.text': 'select \u001b[31m1\u0007' } })]),
  ).not.toMatch(/\p{Cc}(?<!\n)/u)
})

test('no spans, and several traces, are printed too', () => {
  expect(formatTrace([])).toBe('(no spans)')
  expect(formatTrace([span('a'), span('b', { traceId: 'cd'.repeat(16) })]).match(/^trace /gm)).toHaveLength(2)
})

test('a trace file gives back what was appended, by the beginning of an id', () => {
  const path = join(folder, 'deep', 'traces.jsonl')
  const spans = [span('a', { attributes: { n: 1, l: ['x'] } }), span('b', { traceId: 'cd'.repeat(16) })]
  createTraceFile(path).append(spans)
  expect(readTraceFile(path)).toEqual(spans)
  expect(readTraceFile(path, 'CDCD')).toEqual([spans[1]])
  expect(readTraceFile(path, 'ef')).toEqual([])
  expect(readTraceFile(join(folder, 'nothing'))).toEqual([])
})

test('a trace file stays within its size and keeps the newest spans', () => {
  const path = join(folder, 'small.jsonl')
  const file = createTraceFile(path, { maxBytes: 4_000 })
  for (let i = 0; i < 100; i++) file.append([span(`s${i}`)])
  expect(statSync(path).size + statSync(`${path}.1`).size).toBeLessThanOrEqual(4_000)
  const kept = readTraceFile(path).map(({ spanId }) => spanId)
  expect(kept.at(-1)).toBe('s99')
  // Nothing between the oldest and the newest is missing.
  expect(kept).toEqual(Array.from({ length: kept.length }, (_, i) => `s${100 - kept.length + i}`))
})

test('a trace file that was cut off in the middle of a line is read without it', () => {
  const path = join(folder, 'cut.jsonl')
  createTraceFile(path).append([span('a'), span('b')])
  writeFileSync(path, readFileSync(path, 'utf8').slice(0, -20))
  expect(readTraceFile(path).map(({ spanId }) => spanId)).toEqual(['a'])
})

import { expect, test } from '@jest/globals'
import { parseSamples, quantileOf, sumOf } from '../src/probe/samples.ts'
import { tellSamples, tellViolation } from '../src/probe/tell.ts'
import { runFreshet } from './run-freshet.ts'

const text = `# HELP freshet_probe_checks_total Looks
# TYPE freshet_probe_checks_total counter
freshet_probe_checks_total{level="gateway",delay="0.1",outcome="clean",le="a\\"b,c"} 7
freshet_probe_checks_total{level="gateway",delay="1",outcome="unknown"} 2
freshet_probe_violations_total{level="gateway",service="catalog"} 0
freshet_probe_staleness_seconds_bucket{level="gateway",le="0.01"} 10
freshet_probe_staleness_seconds_bucket{level="gateway",le="0.1"} 18
freshet_probe_staleness_seconds_bucket{level="gateway",le="5"} 20
freshet_probe_staleness_seconds_bucket{level="gateway",le="+Inf"} 20
freshet_probe_staleness_seconds_bucket{level="answer",le="5"} 0
freshet_probe_staleness_seconds_bucket{level="answer",le="+Inf"} 1
`
const samples = parseSamples(text)

test('samples are summed by their labels', () => {
  expect(sumOf(samples, 'freshet_probe_checks_total')).toBe(9)
  expect(sumOf(samples, 'freshet_probe_checks_total', { outcome: 'unknown' })).toBe(2)
  expect(sumOf(samples, 'nothing')).toBe(0)
  expect(samples[0]!.labels).toMatchObject({ level: 'gateway', le: 'a\\"b,c' })
})

test('quantiles are those of Prometheus', () => {
  const of = (level: string, quantile: number) =>
    quantileOf(samples, 'freshet_probe_staleness_seconds', { level }, quantile)
  expect(of('gateway', 0.5)).toBeCloseTo(0.01)
  expect(of('gateway', 0.25)).toBeCloseTo(0.005)
  expect(of('gateway', 0.7)).toBeCloseTo(0.055)
  // Above the last bucket no more is known than its bound.
  expect(of('answer', 0.99)).toBe(5)
  expect(of('field', 0.5)).toBeNull()
})

test('a line tells checks, what had no answer, how far each level was behind, and violations', () => {
  expect(tellSamples(samples)).toBe(
    '9 checks; 2 without an answer; behind (p50 / p99): gateway 10 ms / 4.5 s, answer 5.0 s / 5.0 s; no violations',
  )
  const violated = parseSamples('freshet_probe_violations_total{level="field",service="users"} 3\n')
  expect(tellSamples(violated)).toBe('0 checks; 3 VIOLATIONS')
})

test('a violation says where, what, and which trace', () => {
  const violation = { cacheLevel: 'answer', service: 'catalog', tags: ['product:1'], delayMs: 5_000 }
  expect(tellViolation(violation)).toBe(
    "VIOLATION: answer is still without catalog's change of product:1 after 5.0 s",
  )
  expect(tellViolation({ ...violation, door: 'http://a', trace_id: 'abc' })).toBe(
    "VIOLATION: answer of http://a is still without catalog's change of product:1 after 5.0 s; the change: freshet trace abc",
  )
})

test.each([
  [['--for', '0'], {}, /must be a number above 0/],
  [['--gateway', 'nowhere'], {}, /GATEWAY_URLS/],
  [['--gateway', 'http://127.0.0.1:1'], { PROBE_DELAYS_MS: '5,1', PROBE_BOUND_MS: 'x' }, /2 problems/],
])('%j %j is refused with what is wrong', async (args, over, message) => {
  const parts = { FRESHET_REDIS_URL: 'redis://127.0.0.1:1', FRESHET_KAFKA_BROKERS: '127.0.0.1:1' }
  const run = runFreshet(['probe', ...args], { ...parts, ...over })
  expect([await run.ended, run.output()]).toEqual([1, expect.stringMatching(message)])
})

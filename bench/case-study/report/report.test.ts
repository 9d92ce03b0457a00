import { expect, test } from '@jest/globals'
import type { StepResult, Study } from '../case-study.ts'
import { ratesOf } from '../rates.ts'
import { STEP_LABELS, type Step } from '../steps.ts'
import { ENDPOINTS, type Endpoint } from '../workload/endpoints.ts'
import { toReport } from './report.ts'
import { toText } from './text.ts'

const latencies = { count: 60, failed: 0, p50Ms: 10, p95Ms: 20, p99Ms: 30 }
const byEndpoint = <Value>(value: Value) =>
  Object.fromEntries(ENDPOINTS.map((endpoint) => [endpoint, value])) as Record<Endpoint, Value>

const resultOf = (step: Step, rates: readonly number[]): StepResult => ({
  step,
  windows: rates.map((ratePerSecond) => ({
    ratePerSecond,
    seconds: 15,
    all: latencies,
    heavy: latencies,
    endpoints: byEndpoint(latencies),
    statementsPerRequest: 2,
    sqlMsPerRequest: 3,
    cpuMsPerRequest: { services: 1, postgres: 1, redis: 1, kafka: 1, load: 1 },
    answerHits: null,
    fieldHits: null,
    costliest: [],
    worst: null,
  })),
  statements: byEndpoint(2),
  highest: null,
})

const reportOf = (rates: number[]) => {
  const steps = (['batching', 'response-cache'] as const).map((step) => resultOf(step, rates))
  const study: Study = { scale: 'xs', rates, comparedAnswers: 1, minutes: 1, steps }
  return toReport(study, []).html
}

test('the legend has the steps that were run', () => {
  const keys = [...reportOf([1]).matchAll(/<\/svg> ([^<]+)<\/span>/g)].map(([, label]) => label)
  expect(keys).toEqual([STEP_LABELS.batching, STEP_LABELS['response-cache']])
})

test('costs are told of the rate that they were measured at', () => {
  expect(reportOf([1])).toContain('calm, 1 requests a second, with all that runs')
  expect(reportOf([1])).not.toContain('busy')
  expect(reportOf([1, 4, 20])).toContain('busy, 4 requests a second, with all that runs')
})

test('the lowest rate is the calm one, in whatever order they are given', () => {
  expect(ratesOf('50,10.5,9')).toEqual([9, 10.5, 50])
})

test('at a scale that the aims are not meant for, text and page say so', () => {
  const verdict = { name: 'p95', was: '219 ms', is: '59 ms', ratio: 3.7, aim: 20, isMet: false }
  const told = (scale: Study['scale']) => {
    const steps = [resultOf('twin', [1])]
    const study: Study = { scale, rates: [1], comparedAnswers: 1, minutes: 1, steps }
    return [toText(study, [verdict]), toReport(study, [verdict]).html].map((text) =>
      text.includes('the aims are for scale m'),
    )
  }
  expect([told('s'), told('m')]).toEqual([
    [true, true],
    [false, false],
  ])
})

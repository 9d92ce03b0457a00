import { expect, test } from '@jest/globals'
import type { StepResult, Study } from '../case-study.ts'
import type { Step } from '../steps.ts'
import { ENDPOINTS } from '../workload/endpoints.ts'
import { judge } from './verdicts.ts'

/** A step whose every figure is of this size. */
function stepOf(step: Step, size: number, highest: number | null): StepResult {
  const latencies = { count: 10, failed: 0, p50Ms: size, p95Ms: size, p99Ms: size }
  return {
    step,
    windows: [
      {
        heavy: latencies,
        all: latencies,
        sqlMsPerRequest: size,
        worst: { sql: 'select', calls: 1, totalMs: size, meanMs: size },
      },
    ] as unknown as StepResult['windows'],
    statements: Object.fromEntries(ENDPOINTS.map((name) => [name, size])) as StepResult['statements'],
    highest: {
      ratePerSecond: highest,
      probes: [{ ratePerSecond: 0.5, p99Ms: size, failed: 0, isHeld: highest !== null }],
    },
  }
}
const studyOf = (twin: [number, number | null], cold: number, now: [number, number | null]): Study => ({
  ...{ scale: 'xs', rates: [1], comparedAnswers: 1, minutes: 1 },
  steps: [stepOf('twin', ...twin), stepOf('batching', cold, null), stepOf('response-cache', ...now)],
})
const told = (study: Study) =>
  judge(study).map(({ name, ratio, isMet }) => [name.replace(/ (at|for|per|of) .*/, ''), ratio, isMet])

test('each figure is judged by how many times it is better, and met at its aim', () => {
  expect(told(studyOf([1_000, 1], 125, [10, 20]))).toEqual([
    ['p95', 100, true],
    ['worst statement, mean, calm', 100, true],
    ['SQL time', 100, true],
    ['statements', 100, true],
    ['p95', 8, true],
    ['highest rate', 20, true],
  ])
  expect(told(studyOf([190, 1], 25, [10, 19])).map(([, , isMet]) => isMet)).toEqual(
    Array.from({ length: 6 }, () => false),
  )
})

test('a rate that none held is the lowest that was tried, for either side', () => {
  expect(told(studyOf([1, null], 1, [1, 10])).at(-1)).toEqual(['highest rate', 20, true])
  expect(told(studyOf([1, 1], 1, [1, null])).at(-1)).toEqual(['highest rate', 0, false])
})

test('what costs nothing any more is met, and how often it is less is not said', () => {
  expect(told(studyOf([5, 1], 5, [0, 1])).slice(0, 4)).toEqual([
    ['p95', null, true],
    ['worst statement, mean, calm', null, true],
    ['SQL time', null, true],
    ['statements', null, true],
  ])
})

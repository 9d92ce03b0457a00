import { afterEach, expect, jest, test } from '@jest/globals'
import type { EventBus, GroupLag } from '../src/index.ts'
import { createLagGauge } from '../src/lag-gauge.ts'
import type { EventMetrics } from '../src/metrics.ts'

afterEach(() => {
  jest.useRealTimers()
})

test('asks once at a time, and reports nothing while there is no answer', async () => {
  jest.useFakeTimers()
  const questions: PromiseWithResolvers<GroupLag[]>[] = []
  const bus = {
    lag: () => {
      questions.push(Promise.withResolvers())
      return questions.at(-1)!.promise
    },
  } as unknown as EventBus
  let read = (): { value: number }[] => []
  const metrics = {
    gauge: (_name: string, _text: string, reading: typeof read) => {
      read = reading
      return () => {}
    },
  } as unknown as EventMetrics
  const answer = [{ group: 'g', topic: 't', lag: 7, partitions: [] }]
  const gauge = createLagGauge({ bus, group: 'g', topics: ['t'], metrics })
  questions[0]!.resolve(answer)
  await jest.advanceTimersByTimeAsync(10_000)
  expect(questions).toHaveLength(2)
  expect(read()).toMatchObject([{ value: 7 }])
  await jest.advanceTimersByTimeAsync(5_000)
  expect(read()).toEqual([])
  await jest.advanceTimersByTimeAsync(30_000)
  expect(questions).toHaveLength(2)
  questions[1]!.resolve(answer)
  await jest.advanceTimersByTimeAsync(1)
  expect(read()).toMatchObject([{ value: 7 }])
  gauge.close()
})

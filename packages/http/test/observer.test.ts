import { eventually } from '@freshet/testing'
import { afterEach, expect, test } from '@jest/globals'
import { createObserver, type Observer, type ObserverOptions } from '../src/observer.ts'

const open: Observer[] = []
afterEach(() => {
  for (const observer of open.splice(0)) observer.close()
})

function observe(options: ObserverOptions = {}): Observer {
  const observer = createObserver({ everyMs: 5, retryMs: 5, timeoutMs: 60_000, ...options })
  open.push(observer)
  return observer
}

test('knows each part by its last answer, and nothing of one that was not heard yet', async () => {
  const observer = observe()
  const gate = Promise.withResolvers<void>()
  let failure: Error | undefined
  observer.watch('redis', async () => {
    if (failure) throw failure
  })
  observer.start()
  observer.watch('kafka', () => gate.promise)
  await eventually(() => expect(observer.state()).toEqual({ redis: 'ok' }))
  failure = new Error('connect ECONNREFUSED redis://user:hunter2@cache:6379')
  gate.resolve()
  await eventually(() =>
    expect(observer.state()).toEqual({
      redis: 'connect ECONNREFUSED redis://***@cache:6379',
      kafka: 'ok',
    }),
  )
  failure = undefined
  await eventually(() => expect(observer.state()).toEqual({ redis: 'ok', kafka: 'ok' }))
})

test('a part that hangs is failing after its time, and is not asked again before it lets go', async () => {
  const observer = observe({ timeoutMs: 20 })
  const gate = Promise.withResolvers<void>()
  let asked = 0
  observer.watch('kafka', () => {
    asked += 1
    return gate.promise
  })
  let others = 0
  observer.watch('other', async () => {
    others += 1
  })
  observer.start()
  await eventually(() => expect(observer.state().kafka).toBe('no answer within 20 ms'))
  // Each round is one that asked the other part again.
  await eventually(() => expect(others).toBeGreaterThan(10))
  expect(asked).toBe(1)
  gate.resolve()
  await eventually(() => expect(observer.state().kafka).toBe('ok'))
  expect(asked).toBeGreaterThan(1)
})

test('asks nobody before it is started, and nobody any more once it is closed', async () => {
  const observer = observe()
  const gate = Promise.withResolvers<void>()
  let asked = 0
  observer.watch('redis', () => {
    asked += 1
    return gate.promise
  })
  expect(asked).toBe(0)
  observer.start()
  observer.close()
  gate.resolve()
  const other = observe()
  other.start()
  let others = 0
  other.watch('other', async () => {
    others += 1
  })
  await eventually(() => expect(others).toBeGreaterThan(10))
  expect([asked, observer.state()]).toEqual([1, {}])
})

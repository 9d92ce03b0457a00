import { eventually } from '@freshet/testing'
import { afterEach, expect, test } from '@jest/globals'
import { createKeeper, type Keeper } from '../src/keep-running.ts'

let keeper: Keeper
let said: string[]
let starts: number

afterEach(() => keeper.close())

function keep(options: { start?: () => Promise<void>; requested?: boolean; pace?: number } = {}): void {
  said = []
  starts = 0
  const tell = (line: string) => said.push(line)
  keeper = createKeeper({
    say: tell,
    complain: tell,
    pace: options.pace ?? 0,
    takeRequest: () => options.requested ?? false,
  })
  const start = async () => {
    starts++
    await options.start?.()
  }
  keeper.keep({ users: { pid: 7, log: 'users.log', start, stop: async () => {} } })
}

const reason = 'ended with exit code 3'
const crash = { name: 'users', reason, log: 'logs/users.log', logTail: ['out of luck'] }
/** Waits until the service was started so often, and that was told. */
const running = (times: number) =>
  eventually(() => expect(said.filter((line) => line.includes('runs again'))).toHaveLength(times))

test('a crashed service is started again, later each time; its log is shown once', async () => {
  keep()
  keeper.crashed(crash)
  await running(1)
  keeper.crashed(crash)
  await running(2)
  expect(starts).toBe(2)
  expect(said).toEqual([
    'users ended with exit code 3; it is started again in 1 s; its log is kept in logs/users.1.log. Its last lines:',
    '    | out of luck',
    'users runs again (process 7)',
    'users ended with exit code 3; it is started again in 2 s; its log is kept in logs/users.1.log',
    'users runs again (process 7)',
  ])
})

test('of one that said nothing at its end, nothing is shown; of long lines, their beginning', async () => {
  keep()
  keeper.crashed({ ...crash, reason: 'was ended by SIGKILL', log: '', logTail: [] })
  await running(1)
  expect(said[0]).toBe('users was ended by SIGKILL; it is started again in 1 s')
  keep()
  keeper.crashed({ ...crash, logTail: ['x'.repeat(10_000)] })
  await running(1)
  expect(said[1]!.length).toBeLessThan(400)
})

test('a service that cannot be started is given up at the fifth time', async () => {
  keep({ start: () => Promise.reject(new Error('no port')) })
  keeper.crashed(crash)
  await keeper.allGivenUp
  expect(starts).toBe(4)
  expect(said.at(-1)).toMatch(/could not be started \(no port\), the 5th time within a minute: it stays down/)
})

test('one that was asked to end is started at once, and nothing is told of a crash', async () => {
  keep({ requested: true, pace: 1 })
  keeper.crashed(crash)
  await running(1)
  expect(said).toEqual(['users has ended as asked; starting it again', 'users runs again (process 7)'])
})

test('close ends the waiting, and starts nothing', async () => {
  keep({ pace: 1 })
  keeper.crashed(crash)
  await keeper.close()
  expect(starts).toBe(0)
})

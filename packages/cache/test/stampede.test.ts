import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { type RedisNode, startRedisNode } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { eventually } from './cache-kit.ts'
import type { Order } from './stampede-process.ts'

const PROCESSES = 4
const READS = 5_000

let server: RedisNode
let readers: ChildProcess[]

beforeAll(async () => {
  server = await startRedisNode()
  const script = new URL('./stampede-process.ts', import.meta.url)
  readers = Array.from({ length: PROCESSES }, () => fork(script, [`${server.port}`]))
  await Promise.all(readers.map((reader) => once(reader, 'message')))
}, 60_000)
afterAll(async () => {
  for (const reader of readers) reader.disconnect()
  await server.close()
})

async function send(reader: ChildProcess, order: Order): Promise<{ loads: number; wrong: number }> {
  const answer = once(reader, 'message')
  reader.send(order)
  return (await answer)[0] as { loads: number; wrong: number }
}

/** How often each process loads when all of them want an expired key at once. */
async function stampede(policy: Order['policy']): Promise<number[]> {
  const redis = server.connect()
  const entry = `{test}:e:${policy}:1:hot`
  await send(readers[0]!, { reads: 1, policy })
  // It was stored, and expires.
  await eventually(async () => (await redis.get(entry))?.startsWith('\x02') === true)
  await redis.pexpire(entry, 1)
  await eventually(async () => (await redis.exists(entry)) === 0)
  const answers = await Promise.all(
    readers.map((reader) => send(reader, { reads: READS / PROCESSES, policy })),
  )
  expect(answers.map(({ wrong }) => wrong)).toEqual(answers.map(() => 0))
  return answers.map(({ loads }) => loads)
}

test('5,000 reads of one expired key at once, in 4 processes, make one load', async () => {
  const loads = await stampede('leased')
  expect(loads.toSorted((a, b) => a - b)).toEqual([0, 0, 0, 1])
}, 60_000)

test('without leases they make at most one load in each process', async () => {
  const loads = await stampede('unleased')
  for (const ofProcess of loads) expect(ofProcess).toBeLessThanOrEqual(1)
  expect(Math.max(...loads)).toBe(1)
}, 60_000)

import { AsyncLocalStorage } from 'node:async_hooks'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { type Context, context, ROOT_CONTEXT, type Span, trace } from '@opentelemetry/api'
import { type Slot, TO_REFRESH } from '../src/fence.ts'
import { createReadBatches } from '../src/read-batches.ts'

const storage = new AsyncLocalStorage<Context>()
beforeAll(() => {
  const manager = {
    active: () => storage.getStore() ?? ROOT_CONTEXT,
    with: <A extends unknown[], R>(of: Context, run: (...args: A) => R, self: unknown, ...args: A) =>
      storage.run(of, () => run.apply(self, args)),
    bind: <T>(_: Context, target: T) => target,
    enable: () => manager,
    disable: () => manager,
  }
  context.setGlobalContextManager(manager)
})
afterAll(() => context.disable())

/** A Redis that answers each key with what `slotOf` says, and what it was asked for. */
function batches(slotOf: (key: string) => Slot = (key) => Buffer.from(key)) {
  const sent: string[][] = []
  const mode = { lease: true }
  const read = createReadBatches(async (keys) => {
    sent.push([...keys])
    return { life: 'life', stamp: String(sent.length), carried: '', nowMs: null, slots: keys.map(slotOf) }
  })
  return { sent, read: async (...keys: string[]) => (await read(keys, mode))! }
}

function within<T>(isRecording: boolean, run: () => T): T {
  const plain = trace.wrapSpanContext({ traceId: '1'.repeat(32), spanId: '1'.repeat(16), traceFlags: 0 })
  const span = Object.assign(Object.create(plain) as Span, { isRecording: () => isRecording })
  return context.with(trace.setSpan(ROOT_CONTEXT, span), run)
}

test('readers of one turn of the event loop are told by one READ, each what it asked for', async () => {
  const { sent, read } = batches()
  const [first, second] = await Promise.all([
    read('a', 'b'),
    Promise.resolve().then(() => Promise.resolve().then(() => read('c', 'a'))),
  ])
  expect(first.slots).toEqual([Buffer.from('a'), Buffer.from('b')])
  expect(second.slots).toEqual([Buffer.from('c'), Buffer.from('a')])
  expect(sent).toEqual([['a', 'b', 'c']])
})

test('whoever asks after a READ was sent is told by the next one', async () => {
  const { sent, read } = batches()
  const first = read('a')
  await new Promise<void>((resolve) => process.nextTick(resolve))
  expect((await read('a')).stamp).toBe('2')
  expect((await first).stamp).toBe('1')
  expect(sent).toEqual([['a'], ['a']])
})

test('a recorded span has its READs to itself, and those of spans that are not recorded are one', async () => {
  const { sent, read } = batches()
  await Promise.all([
    within(true, () => Promise.all([read('a'), read('b')])),
    within(true, () => read('c')),
    within(false, () => read('d')),
    within(false, () => read('e')),
    read('f'),
  ])
  expect(sent).toEqual([['a', 'b'], ['c'], ['d', 'e', 'f']])
})

test('of several readers of what is due, one is told to refresh it', async () => {
  const { read } = batches((key) => [Buffer.from(key), TO_REFRESH | 2])
  const readings = await Promise.all([read('a'), read('a'), read('b', 'a')])
  const flags = readings.map(({ slots }) => slots.map((slot) => (slot as [Buffer, number])[1]))
  expect(flags).toEqual([[3], [2], [3, 2]])
})

test('when a READ fails, all of its readers are told', async () => {
  const read = createReadBatches(() => Promise.reject(new Error('gone')))
  const mode = { lease: true }
  const outcomes = await Promise.allSettled([read(['a'], mode), read(['b'], mode)])
  expect(outcomes.map(({ status }) => status)).toEqual(['rejected', 'rejected'])
})

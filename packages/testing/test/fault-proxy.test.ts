import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Server, type Socket } from 'node:net'
import { withKafkaAdmin } from '@freshet/local'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { eventually, type FaultProxy, parts, startFaultProxy } from '../src/index.ts'

/** Answers in capitals, and remembers what it was told. */
let shouter: Server
let heard = ''
let proxy: FaultProxy
const open: Socket[] = []

beforeEach(async () => {
  heard = ''
  shouter = createServer({ allowHalfOpen: true }, (socket) => {
    open.push(socket)
    socket.on('error', () => undefined)
    socket.on('data', (bytes) => {
      heard += bytes
      socket.write(bytes.toString().toUpperCase())
    })
    socket.on('end', () => socket.end('bye'))
  })
  shouter.listen(0, '127.0.0.1')
  await once(shouter, 'listening')
  proxy = await startFaultProxy({ target: `127.0.0.1:${(shouter.address() as AddressInfo).port}` })
})
afterEach(async () => {
  for (const socket of open.splice(0)) socket.destroy()
  await proxy.close()
  shouter.close()
})

function client() {
  const socket = connect(proxy.port, '127.0.0.1')
  open.push(socket)
  const seen = { text: '', error: null as string | null, ended: false, closed: false }
  socket.on('data', (bytes) => {
    seen.text += bytes
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    seen.error = error.code ?? error.message
  })
  socket.on('end', () => {
    seen.ended = true
  })
  socket.on('close', () => {
    seen.closed = true
  })
  return { socket, seen }
}

async function greeted() {
  const one = client()
  one.socket.write('hello')
  await eventually(() => expect(one.seen.text).toBe('HELLO'))
  return one
}

/** Long enough for anything that is going to arrive on a loopback interface, to see that nothing does. */
const aMoment = () => new Promise((resolve) => setTimeout(resolve, 150))

test('passes bytes both ways and the end of each side, and counts them', async () => {
  const { socket, seen } = await greeted()
  expect(proxy.counts()).toEqual({ connections: 1, open: 1, bytesToTarget: 5, bytesFromTarget: 5 })
  socket.end()
  await eventually(() => expect(seen).toEqual({ text: 'HELLObye', error: null, ended: true, closed: true }))
  await eventually(() => expect(proxy.counts()).toMatchObject({ open: 0, bytesFromTarget: 8 }))
})

test('passes more than the buffers between two sides hold, unchanged', async () => {
  const { socket, seen } = client()
  socket.write('x'.repeat(10_000_000))
  await eventually(() => expect(seen.text).toHaveLength(10_000_000))
  expect(seen.text).toBe('X'.repeat(10_000_000))
})

test('cut resets what is open and what comes, until it passes again', async () => {
  const { seen } = await greeted()
  proxy.set('cut')
  await eventually(() => expect(seen).toMatchObject({ error: 'ECONNRESET', closed: true }))
  const late = client()
  await eventually(() => expect(late.seen.closed).toBe(true))
  proxy.set('pass')
  await greeted()
})

test('a black hole accepts and delivers nothing; what it held arrives when it passes again', async () => {
  const { socket, seen } = await greeted()
  proxy.set('black-hole')
  socket.write(' again')
  const late = client()
  late.socket.write('late')
  await eventually(() => expect(proxy.counts().connections).toBe(2))
  await aMoment()
  expect({ heard, first: seen.text, late: late.seen }).toEqual({
    heard: 'hello',
    first: 'HELLO',
    late: { text: '', error: null, ended: false, closed: false },
  })
  proxy.set('pass')
  await eventually(() => expect([seen.text, late.seen.text]).toEqual(['HELLO AGAIN', 'LATE']))
})

test('what a black hole held is lost when the network is cut', async () => {
  const { socket } = await greeted()
  proxy.set('black-hole')
  socket.write(' never')
  await aMoment()
  proxy.set('cut')
  proxy.set('pass')
  await greeted()
  expect(heard).toBe('hellohello')
})

test('a black hole hides that the other side has gone', async () => {
  const { seen } = await greeted()
  proxy.set('black-hole')
  for (const socket of open) if (socket.remotePort !== proxy.port) socket.resetAndDestroy()
  await aMoment()
  expect(seen).toMatchObject({ error: null, ended: false, closed: false })
  proxy.set('pass')
  await eventually(() => expect(seen.closed).toBe(true))
})

test('a half-open network delivers requests but no answers, until it passes again', async () => {
  const { socket, seen } = await greeted()
  proxy.set('half-open')
  socket.write(' you')
  await eventually(() => expect(heard).toBe('hello you'))
  await aMoment()
  expect(seen.text).toBe('HELLO')
  proxy.set('pass')
  await eventually(() => expect(seen.text).toBe('HELLO YOU'))
})

test('a slow network delays each chunk and narrows the stream', async () => {
  const { socket, seen } = await greeted()
  proxy.set({ delayMs: 50 })
  const began = performance.now()
  socket.write('!')
  await eventually(() => expect(seen.text).toBe('HELLO!'), { intervalMs: 1 })
  // A lower bound, which no load on the machine can break: once there, once back.
  expect(performance.now() - began).toBeGreaterThanOrEqual(95)
  proxy.set({ bytesPerSecond: 1_000 })
  const narrow = performance.now()
  socket.write('x'.repeat(200))
  await eventually(() => expect(seen.text).toHaveLength(206), { intervalMs: 1 })
  expect(performance.now() - narrow).toBeGreaterThanOrEqual(395)
})

test('a target that is down resets the connection', async () => {
  shouter.close()
  for (const socket of open) socket.destroy()
  const { seen } = client()
  await eventually(() => expect(seen).toMatchObject({ error: 'ECONNRESET', closed: true }))
})

test('a URL keeps everything but its host and port; Redis answers through it', async () => {
  const redis = await startFaultProxy({ target: parts().redisUrl })
  expect(redis.urlOf('redis://:secret@10.0.0.1:6379/3')).toBe(`redis://:secret@127.0.0.1:${redis.port}/3`)
  const socket = connect(redis.port, '127.0.0.1')
  open.push(socket)
  socket.write('PING\r\n')
  const [answer] = (await once(socket, 'data')) as [Buffer]
  expect(answer.toString()).toBe('+PONG\r\n')
  await redis.close()
})

test('a Kafka client is told the address of the proxy, and stays behind it', async () => {
  const kafka = await startFaultProxy({ target: parts().kafkaBrokers[0]!, protocol: 'kafka' })
  const { brokers } = await withKafkaAdmin([kafka.address], (admin) => admin.describeCluster())
  expect(brokers).toEqual([expect.objectContaining({ host: '127.0.0.1', port: kafka.port })])
  const topics = await withKafkaAdmin([kafka.address], (admin) => admin.listTopics())
  expect(topics).toContain('catalog.product')
  kafka.set('cut')
  await expect(withKafkaAdmin([kafka.address], (admin) => admin.listTopics())).rejects.toThrow()
  await kafka.close()
})

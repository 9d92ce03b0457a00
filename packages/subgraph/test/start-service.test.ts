import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import net from 'node:net'
import { createLogger, type Logger } from '@freshet/telemetry'
import { eventually, parts } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { openRedis } from '../src/service/redis.ts'
import { openServiceParts, type ServiceParts } from '../src/service/service-parts.ts'
import { type Service, startService } from '../src/service/start-service.ts'

const logger = createLogger('start-service-test', { level: 'silent' })

const settings = {
  HOST: '127.0.0.1',
  PORT: 0,
  DATABASE_URL: parts().postgresAdminUrl,
  DATABASE_POOL_SIZE: 2,
  REDIS_URL: parts().redisUrl,
  KAFKA_BROKERS: parts().kafkaBrokers,
  CACHE_ENABLED: true,
}
const identity = { service: 'start-service-test', logger }

/** A service that tells of its steps, and fails at one of them. */
function stub(failsAt?: 'create' | 'start' | 'listen') {
  const steps: string[] = []
  const opened: { parts?: ServiceParts<unknown> } = {}
  const step = async (name: string) => {
    steps.push(name)
    if (name === failsAt) throw new Error(`${name} failed`)
    return 'http://127.0.0.1:1'
  }
  const create = async (given: ServiceParts<unknown>) => {
    opened.parts = given
    await given.database.ping()
    await step('create')
    const subgraph = { listen: () => step('listen') } as unknown as Service['subgraph']
    return { subgraph, start: async () => void (await step('start')), close: async () => void step('close') }
  }
  return { steps, opened, create }
}

const isClosed = ({ database, redis }: ServiceParts<unknown>) => database.pool.ended && redis.status === 'end'

test('creates, starts and listens; closing closes the service first, then its parts', async () => {
  const { steps, opened, create } = stub()
  const running = await startService(settings, identity, create)
  const extra = opened.parts!.openRedis(parts().redisUrl)
  expect(steps).toEqual(['create', 'start', 'listen'])
  await running.close()
  expect(steps.at(-1)).toBe('close')
  await eventually(async () => expect([isClosed(opened.parts!), extra.status]).toEqual([true, 'end']))
})

test.each([
  ['create', ['create']],
  ['start', ['create', 'start', 'close']],
  ['listen', ['create', 'start', 'listen', 'close']],
] as const)('closes what was opened when %s fails, and tells why', async (failsAt, expected) => {
  const { steps, opened, create } = stub(failsAt)
  await expect(startService(settings, identity, create)).rejects.toThrow(`${failsAt} failed`)
  expect(steps).toEqual(expected)
  await eventually(async () => expect(isClosed(opened.parts!)).toBe(true))
})

test("tells each part's state at any time, and goes on without Redis and Kafka", async () => {
  const running = openServiceParts<unknown>(settings, identity)
  running.openRedis(parts().redisUrl, { connectionName: 'sessions' })
  const nowhere = { REDIS_URL: 'redis://127.0.0.1:1', KAFKA_BROKERS: ['127.0.0.1:1'] }
  const alone = openServiceParts<unknown>({ ...settings, ...nowhere }, identity)
  for (const one of [running, alone]) one.startObserving()
  try {
    await eventually(() =>
      expect(running.observed()).toEqual({ redis: 'ok', 'redis sessions': 'ok', kafka: 'ok' }),
    )
    await eventually(() =>
      expect(alone.observed()).toEqual({
        redis: expect.stringMatching(/not connected|no answer/),
        kafka: expect.stringMatching(/Kafka is unavailable|no answer/),
      }),
    )
  } finally {
    await alone.close()
    await running.close()
  }
})

test('says once that Redis is away, and once that it is back', async () => {
  const said: string[] = []
  const note = (_details: object, message: string) => said.push(message)
  const listening = { warn: note, info: note } as unknown as Logger
  const { hostname, port } = new URL(parts().redisUrl)
  const sockets = new Set<net.Socket>()
  let isAway = true
  // Takes the place of Redis: hangs up while it is away, and passes everything on afterwards.
  const proxy = net.createServer((socket) => {
    if (isAway) return socket.resetAndDestroy()
    const upstream = net.connect(Number(port), hostname)
    sockets.add(socket).add(upstream)
    socket.pipe(upstream).pipe(socket)
    for (const one of [socket, upstream]) one.on('error', () => one.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const address = `redis://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`
  let tries = 0
  const redis = openRedis(address, listening, {
    retryStrategy: (times) => {
      tries = times
      return 10
    },
  })
  try {
    await eventually(async () => expect(tries).toBeGreaterThan(5))
    expect(said).toEqual(['Redis is away'])
    isAway = false
    await redis.ping()
    expect(said).toEqual(['Redis is away', 'Redis is back'])
  } finally {
    redis.disconnect()
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
})

test('commands of requests that run at once are sent each in its own context, where its trace is', async () => {
  const redis = openRedis(parts().redisUrl, logger, {})
  await redis.ping()
  const request = new AsyncLocalStorage<string>()
  const sent: [string | undefined, unknown][] = []
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command) => {
    sent.push([request.getStore(), command.args[0]])
    return send(command)
  }
  const commands = ['a', 'b'].map((key) => request.run(key, () => redis.get(`start-service-test:${key}`)))
  await Promise.all(commands)
  expect(sent).toEqual([
    ['a', 'start-service-test:a'],
    ['b', 'start-service-test:b'],
  ])
  redis.disconnect()
})

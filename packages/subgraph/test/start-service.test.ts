import { createLogger } from '@freshet/telemetry'
import { eventually, parts } from '@freshet/testing'
import { expect, test } from '@jest/globals'
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

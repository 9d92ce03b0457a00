import { type Cache, createCache } from '@freshet/cache'
import { loadConfig } from '@freshet/config'
import { createKafkaBus, defineInvalidated, type EventBus, newEvent, publishEvents } from '@freshet/events'
import { createLogger } from '@freshet/telemetry'
import { createTopics, eventually, parts, startFaultProxy, uniqueName } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { fastify } from 'fastify'
import { Redis } from 'ioredis'
import { probeEnvironment } from '../src/probe/config.ts'
import type { Measures } from '../src/probe/measures.ts'
import { type Probe, startProbe } from '../src/probe/probe.ts'
import { followStream } from '../src/probe/stream.ts'
import { createGatewayCache, type GatewayCache } from '../src/response-cache/gateway-cache.ts'
import { type Spawned, spawnGateway } from './graph/spawned.ts'
import { recordingLogger } from './graph/test-gateway.ts'

/** A service of this file alone: other tests invalidate what is catalog's, on the same Kafka. */
const service = uniqueName('shop')
const topic = `${service}.invalidations`
const logger = createLogger('probe-test', { level: 'silent' })
const redis = new Redis(parts().redisUrl)
let topics: { close(): Promise<void> }
let bus: EventBus
let inner: Cache
let outer: GatewayCache
let domain: string
const opened: { close(): Promise<void> }[] = []
const spawned: Spawned[] = []

beforeAll(async () => {
  topics = await createTopics([topic])
  bus = createKafkaBus({ brokers: parts().kafkaBrokers, clientId: 'probe-test', logger })
  inner = createCache({ redis, domain: service, logger, invalidateTimeoutMs: 10_000 })
})
afterEach(async () => {
  for (const { child } of spawned.splice(0)) child.kill('SIGKILL')
  await Promise.all(opened.splice(0).map((one) => one.close()))
})
afterAll(async () => {
  await inner?.close()
  await bus?.close()
  await topics?.close()
  redis.disconnect()
})

/** What a probe has measured: `checks` counts `level delay outcome`, the others their first label. */
function recordingMeasures() {
  const counted = new Map<string, number>()
  const staleness: [string, number][] = []
  const count = (what: string) => counted.set(what, (counted.get(what) ?? 0) + 1)
  const measures: Measures = {
    checked: (level, delayMs, outcome) => count(`${level} ${delayMs} ${outcome}`),
    violated: (level, owner) => count(`violated ${level} ${owner === service ? 'shop' : owner}`),
    measured: (level, ms) => staleness.push([level, ms]),
    skipped: (reason) => count(`skipped ${reason}`),
    dropped: (level) => count(`dropped ${level}`),
    pending: () => {},
  }
  const of = (what: string) => counted.get(what) ?? 0
  return { measures, counted, staleness, of }
}

/** A gateway's cache of its own, whose invalidator is the test itself. */
async function openGatewayCache(): Promise<void> {
  domain = uniqueName('gateway')
  outer = createGatewayCache({ redis, domain, enabled: true, timeoutMs: 5_000, logger })
  opened.push(outer)
  await outer.invalidate('nobody', ['x:1'], null)
}

async function startTestProbe(env: Record<string, string> = {}) {
  const recorded = recordingMeasures()
  const { lines, logger: recording } = recordingLogger()
  const config = loadConfig(probeEnvironment, { ...environment(), ...env })
  const probe: Probe = await startProbe(config, recording, recorded.measures)
  opened.push(probe)
  await eventually(async () => expect((await fetch(`${probe.url}/readyz`)).status).toBe(200))
  return { ...recorded, lines, probe }
}

const environment = () => ({
  PORT: '0',
  REDIS_URL: parts().redisUrl,
  KAFKA_BROKERS: parts().kafkaBrokers.join(','),
  CACHE_DOMAIN: domain,
  GATEWAY_URLS: 'http://127.0.0.1:1',
  PROBE_SERVICES: service,
  PROBE_DELAYS_MS: '20,50',
  PROBE_BOUND_MS: '50',
  SHUTDOWN_DRAIN_MS: '0',
})

/** What a service does with a write: its own cache, then the word to those outside. */
async function invalidate(tags: readonly string[], follow = true): Promise<string> {
  const { sequence } = await inner.invalidate(tags)
  if (follow) await outer.invalidate(service, tags, sequence)
  await tell(tags, sequence)
  return sequence
}

async function tell(tags: readonly string[], sequence: string): Promise<void> {
  const data = { domain: service, tags, sequence }
  await publishEvents(bus, service, [newEvent(defineInvalidated(service), data)], { deadlineMs: 20_000 })
}

/** A group that begins at the end may miss what is published while it joins: so it is told again. */
const until = (publish: () => Promise<unknown>, holds: () => void) =>
  eventually(
    async () => {
      await publish()
      await eventually(holds, { timeoutMs: 3_000 })
    },
    { timeoutMs: 60_000 },
  )

test('levels that have followed are measured clean at every delay, and for how long they were behind', async () => {
  await openGatewayCache()
  const { counted, staleness, of } = await startTestProbe()
  await until(
    () => invalidate(['product:1', 'product']),
    () => expect(of('gateway 50 clean')).toBeGreaterThan(0),
  )
  await eventually(() => expect(of('field 50 clean')).toBeGreaterThan(0))
  // On a busy machine a look may come too late, which is neither.
  expect([...counted.keys()].filter((what) => !/(clean|unknown)$/.test(what))).toEqual([])
  expect(staleness.length).toBeGreaterThan(0)
  for (const [level, ms] of staleness) {
    expect(level).toBe('gateway')
    expect(ms).toBeGreaterThan(0)
  }
})

test('a gateway that does not follow is a violation once the bound has passed, and is told once', async () => {
  await openGatewayCache()
  const { of, lines } = await startTestProbe({ PROBE_DELAYS_MS: '1,20,50,100' })
  await until(
    () => invalidate(['product:2'], false),
    () => {
      // Each level is looked at for itself: either may be first.
      for (const delay of [20, 100]) expect(of(`gateway ${delay} stale`)).toBeGreaterThan(0)
      expect(of('field 100 clean')).toBeGreaterThan(0)
    },
  )
  // 1 and 20 ms are within the bound.
  await eventually(() =>
    expect(of('violated gateway shop')).toBe(of('gateway 50 stale') + of('gateway 100 stale')),
  )
  expect(of('violated field shop')).toBe(0)
  const violations = lines.filter(({ msg }) => msg === 'a cache level is stale')
  expect(violations).toEqual([
    expect.objectContaining({
      cacheLevel: 'gateway',
      service,
      tags: ['product:2'],
      carried: null,
      last: { [`${service}/product:2`]: null },
    }),
  ])
})

test('a gateway that knows the sequence and has not ended the tag is stale, and one that has only ended the tag', async () => {
  await openGatewayCache()
  const { of, lines } = await startTestProbe()
  const staleOnes = () =>
    lines
      .filter(({ msg, cacheLevel }) => msg === 'a cache level is stale' && cacheLevel === 'gateway')
      .map(({ tags }) => String(tags))
  const other = async () => {
    const { sequence } = await inner.invalidate(['product:3'])
    await outer.invalidate(service, ['product:4'], sequence)
    await tell(['product:3'], sequence)
  }
  await until(other, () => expect(staleOnes()).toContain('product:3'))
  // Of another product: told several times, the first one may be looked at until now, and must stay as it is.
  const without = async () => {
    const { sequence } = await inner.invalidate(['product:13'])
    await outer.invalidate(service, ['product:13'], null)
    await tell(['product:13'], sequence)
  }
  await without()
  await eventually(() => expect(staleOnes()).toContain('product:13'))
  expect(of('gateway 50 clean')).toBe(0)
})

test('a gateway that has not ended what stands for many of a kind is stale', async () => {
  await openGatewayCache()
  const { of } = await startTestProbe()
  const one = createCache({ redis, domain, logger })
  opened.push(one)
  const withoutKinds = async () => {
    const { sequence } = await inner.invalidate(['product:6'])
    await one.invalidate([`${service}/product:6`], { carried: { [service]: sequence } })
    await tell(['product:6'], sequence)
  }
  await until(withoutKinds, () => expect(of('gateway 50 stale')).toBeGreaterThan(0))
  expect(of('gateway 50 clean')).toBe(0)
})

test('a sequence that its own service never reached is stale there too', async () => {
  await openGatewayCache()
  const { of } = await startTestProbe()
  const { sequence } = await inner.invalidate(['product:5'])
  await until(
    () => tell(['product:5'], String(Number(sequence) + 3_600_000_000)),
    () => expect(of('violated field shop')).toBeGreaterThan(0),
  )
})

test.each([
  ['was several scripts, each with its own sequence', 1_500],
  ['the gateway has answered by ending all of the service', 2_500],
])('of an invalidation that %s, nothing is taken for stale', async (_, length) => {
  await openGatewayCache()
  const { of, staleness } = await startTestProbe()
  const tags = Array.from({ length }, (_, i) => `many:${i}`)
  await until(
    () => invalidate(tags),
    () => expect(of('field 50 clean')).toBeGreaterThan(0),
  )
  await eventually(() => expect(of('gateway 50 clean')).toBeGreaterThan(0))
  expect(of('field 50 stale') + of('gateway 50 stale')).toBe(0)
  for (const [, ms] of staleness) expect(ms).toBeGreaterThan(0)
})

test('a domain whose history was lost is clean of all that was before; one that never was is unknown', async () => {
  await openGatewayCache()
  const { of } = await startTestProbe({ PROBE_DELAYS_MS: '20,5000', PROBE_BOUND_MS: '5000' })
  await until(
    () => invalidate(['product:6'], false),
    () => expect(of('gateway 20 stale')).toBeGreaterThan(0),
  )
  await redis.del(`{${domain}}:fence`)
  // Of one that was told once more meanwhile there is no stale look.
  await eventually(() => expect(of('gateway 5000 clean')).toBeGreaterThanOrEqual(of('gateway 20 stale')))
  expect(of('violated gateway shop')).toBe(0)

  const { of: ofOther, lines } = await startTestProbe({ CACHE_DOMAIN: uniqueName('nowhere') })
  await until(
    () => invalidate(['product:6'], false),
    () => expect(ofOther('gateway 50 unknown')).toBeGreaterThan(0),
  )
  expect(ofOther('gateway 50 clean') + ofOther('gateway 50 stale')).toBe(0)
  expect(lines).toContainEqual(
    expect.objectContaining({ problem: expect.stringMatching('there is no domain') }),
  )
})

test('what can not be asked is unknown, neither clean nor stale, and is told once', async () => {
  await openGatewayCache()
  const proxy = await startFaultProxy({ target: parts().redisUrl })
  opened.push(proxy)
  const { of, counted, lines, probe } = await startTestProbe({ REDIS_URL: proxy.urlOf(parts().redisUrl) })
  await until(
    () => invalidate(['product:7']),
    () => expect(of('gateway 50 clean')).toBeGreaterThan(0),
  )
  proxy.set('cut')
  await eventually(async () =>
    expect(await (await fetch(`${probe.url}/readyz`)).json()).toMatchObject({ status: 'degraded' }),
  )
  await invalidate(['product:7'], false)
  await invalidate(['product:7'], false)
  await eventually(() => expect(of('gateway 50 unknown')).toBeGreaterThan(1))
  await eventually(() => expect(of('field 50 unknown')).toBeGreaterThan(1))
  expect([...counted.keys()].filter((what) => /stale|violated/.test(what))).toEqual([])
  const told = lines.filter(({ msg }) => msg === 'a level can not be looked at')
  expect(new Set(told.map(({ cacheLevel }) => cacheLevel))).toEqual(new Set(['field', 'gateway']))
  expect(told).toHaveLength(2)
  proxy.set('pass')
  await until(
    () => invalidate(['product:7']),
    () => expect(lines.filter(({ msg }) => msg === 'a level can be looked at again')).toHaveLength(2),
  )
})

test('what can not be read is skipped and counted, and the next change is checked', async () => {
  await openGatewayCache()
  const { of } = await startTestProbe()
  await until(
    () => invalidate(['product:8']),
    () => expect(of('gateway 50 clean')).toBeGreaterThan(0),
  )
  const { type } = defineInvalidated(service)
  const wrong = {
    specversion: '1.0',
    id: '1',
    source: 'x',
    type,
    subject: 'x',
    time: new Date().toISOString(),
  }
  await bus.publish([
    { topic, key: null, value: 'not json' },
    { topic, key: null, value: null },
    { topic, key: null, value: JSON.stringify({ ...wrong, data: { tags: 'none' } }) },
  ])
  await eventually(() => expect(of('skipped unreadable')).toBe(2))
  const before = of('gateway 50 clean')
  await invalidate(['product:8'])
  await eventually(() => expect(of('gateway 50 clean')).toBeGreaterThan(before))
})

test('what has been in Kafka for too long is skipped and counted', async () => {
  const skipped: string[] = []
  const seen: string[] = []
  const readyMade = { ready: async () => {}, close: async () => {} }
  let deliver: (timestampMs: number) => Promise<void> = async () => {}
  const done: string[] = []
  const fake: Pick<EventBus, 'subscribe'> = {
    async subscribe(options) {
      deliver = (timestampMs) => {
        const message = {
          topic,
          partition: 0,
          offset: '1',
          key: null,
          value: Buffer.from('x'),
          headers: {},
          timestampMs,
        }
        const messages = [message]
        const { signal } = new AbortController()
        return options.handle({
          topic,
          partition: 0,
          messages,
          signal,
          done: ({ offset }) => done.push(offset),
          pause: () => {},
        })
      }
      return readyMade
    },
  }
  const stream = followStream({
    bus: fake,
    group: 'a-group',
    followings: [{ topic, follow: (message) => seen.push(message.offset) }],
    oldestMs: 60_000,
    skipped: (reason) => skipped.push(reason),
    logger,
  })
  opened.push(stream)
  await eventually(() => expect(stream.isJoined()).toBe(true))
  await deliver(Date.now() - 61_000)
  expect([skipped, seen, done]).toEqual([['old'], [], ['1']])
  await deliver(Date.now())
  expect([skipped, seen, done]).toEqual([['old'], ['1'], ['1', '1']])
})

test('what is closed while it joins leaves its group, and does not wait for partitions', async () => {
  const subscribed = Promise.withResolvers<void>()
  let isClosed = false
  const stream = followStream({
    bus: {
      async subscribe() {
        await subscribed.promise
        const ready = Promise.withResolvers<void>()
        return {
          ready: () => ready.promise,
          async close() {
            isClosed = true
          },
        }
      },
    },
    group: 'a-group',
    followings: [],
    oldestMs: 60_000,
    skipped: () => {},
    logger,
  })
  const closing = stream.close()
  subscribed.resolve()
  await closing
  expect([isClosed, stream.isJoined()]).toEqual([true, false])
})

test('what is more than may be pending is dropped and counted', async () => {
  await openGatewayCache()
  const { of } = await startTestProbe({ PROBE_MOST_PENDING: '1', PROBE_DELAYS_MS: '50,3600000' })
  await until(
    () => invalidate(['product:9']),
    () => expect(of('field 50 clean')).toBe(1),
  )
  await invalidate(['product:9'])
  await eventually(() => expect(of('dropped field')).toBeGreaterThan(0))
  expect(of('dropped gateway')).toBeGreaterThan(of('dropped field'))
  expect(of('field 50 clean')).toBe(1)
})

/** A gateway that answers as `versionOf` says. */
async function fakeDoor(versionOf: (id: string) => number | null | 'error') {
  const app = fastify()
  app.post<{ Body: { variables: { id: string } } }>('/graphql', async ({ body }, reply) => {
    const version = versionOf(Buffer.from(body.variables.id, 'base64url').toString())
    reply.header('x-trace-id', 'a'.repeat(32))
    if (version === 'error') return { data: null, errors: [{ message: 'away' }] }
    return { data: { product: version === null ? null : { version } } }
  })
  opened.push({ close: () => app.close() })
  return app.listen({ host: '127.0.0.1', port: 0 })
}

/** As catalog tells it; the probe reads no more of it. */
async function change(productId: string, version: number, time = new Date()) {
  const event = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: 'urn:freshet:catalog',
    type: 'freshet.catalog.product-changed.v1',
    subject: productId,
    time: time.toISOString(),
    traceparent: `00-${'b'.repeat(32)}-00f067aa0ba902b7-01`,
    data: { productId, version },
  }
  await bus.publish([{ topic: 'catalog.product', key: productId, value: JSON.stringify(event) }])
}

test('an answer that is older than the change is a violation of its door, with both traces', async () => {
  await openGatewayCache()
  // Far above what other tests have, which also change products.
  const id = '987654321012345'
  const isMine = (asked: string) => asked === `Product:${id}`
  const asked: string[] = []
  const fresh = await fakeDoor((one) => {
    asked.push(one)
    return 1_000_000
  })
  const stale = await fakeDoor((one) => (isMine(one) ? 4 : 1_000_000))
  const { of, lines, staleness } = await startTestProbe({
    GATEWAY_URLS: `${fresh}, ${stale}/`,
    PROBE_SERVICES: `catalog,${service}`,
  })
  await until(
    () => change(id, 5),
    () => {
      expect(of('violated answer catalog')).toBeGreaterThan(0)
      expect(of('answer 50 clean')).toBeGreaterThan(0)
      expect(asked).toContain(`Product:${id}`)
    },
  )
  expect(staleness.some(([level]) => level === 'answer')).toBe(true)
  expect(
    lines.filter(({ cacheLevel, msg }) => cacheLevel === 'answer' && msg === 'a cache level is stale'),
  ).toEqual([
    expect.objectContaining({
      door: stale,
      tags: [`product:${id}`],
      version: 5,
      answered: 4,
      trace_id: 'b'.repeat(32),
      answerTraceId: 'a'.repeat(32),
    }),
  ])
})

test('an answer that becomes clean within the bound is none, nor is one that is only an error', async () => {
  await openGatewayCache()
  const id = '987654321054321'
  let looks = 0
  const slow = await fakeDoor((one) => (one === `Product:${id}` ? (looks++ < 3 ? null : 7) : 1_000_000))
  const { of, staleness } = await startTestProbe({
    GATEWAY_URLS: slow,
    PROBE_SERVICES: `catalog,${service}`,
    // For a few looks, also where each takes long.
    PROBE_DELAYS_MS: '10000',
    PROBE_BOUND_MS: '10000',
  })
  await until(
    () => change(id, 7),
    () => expect(of('answer 10000 clean')).toBeGreaterThan(0),
  )
  expect(looks).toBeGreaterThan(3)
  expect(of('violated answer catalog')).toBe(0)
  expect(Math.max(...staleness.map(([, ms]) => ms))).toBeGreaterThan(20)

  const failing = await fakeDoor(() => 'error')
  const { of: ofOther } = await startTestProbe({
    CACHE_DOMAIN: uniqueName('gateway'),
    GATEWAY_URLS: failing,
    PROBE_SERVICES: `catalog,${service}`,
  })
  await until(
    () => change(id, 7),
    () => expect(ofOther('answer 50 unknown')).toBeGreaterThan(0),
  )
  expect(ofOther('answer 50 clean') + ofOther('answer 50 stale')).toBe(0)
})

test('as a process it exports what it has found, and ends in order', async () => {
  await openGatewayCache()
  const process = spawnGateway(environment(), 'src/probe/main.ts')
  spawned.push(process)
  const { url } = await process.logged('the probe looks')
  const metrics = async () => (await fetch(`${String(url)}/metrics`)).text()
  expect(await metrics()).toMatch(
    new RegExp(`^freshet_probe_violations_total\\{level="gateway",service="${service}"[^}]*\\} 0$`, 'm'),
  )
  await process.logged('the probe follows the invalidations')
  expect((await fetch(`${String(url)}/readyz`)).status).toBe(200)
  await eventually(
    async () => {
      await invalidate(['product:10'], false)
      const text = await metrics()
      expect(text).toMatch(
        /^freshet_probe_checks_total\{level="gateway",delay="0.05",outcome="stale"[^}]*\} \d/m,
      )
      expect(text).toMatch(
        /^freshet_probe_checks_total\{level="field",delay="0.02",outcome="clean"[^}]*\} \d/m,
      )
      expect(text).toMatch(/^freshet_probe_violations_total\{level="gateway",[^}]*\} [1-9]/m)
      expect(text).toMatch(/^freshet_probe_staleness_seconds_count\{level="gateway"/m)
      expect(text).toMatch(/^freshet_probe_pending(\{[^}]*\})? \d/m)
    },
    { timeoutMs: 60_000, intervalMs: 200 },
  )
  process.child.kill('SIGTERM')
  expect(await process.exited()).toBe(0)
})

test('every setting that is wrong is listed, and the process exits with 1', async () => {
  const process = spawnGateway(
    {
      REDIS_URL: 'http://x',
      GATEWAY_URLS: 'http://ok,nowhere',
      PROBE_SERVICES: 'Catalog',
      PROBE_DELAYS_MS: '100,100',
      PROBE_MOST_PENDING: '0',
      PROBE_GROUP: 'a group',
    },
    'src/probe/main.ts',
  )
  spawned.push(process)
  expect(await process.exited()).toBe(1)
  for (const name of [
    'REDIS_URL',
    'KAFKA_BROKERS',
    'GATEWAY_URLS',
    'PROBE_SERVICES',
    'PROBE_DELAYS_MS',
    'PROBE_MOST_PENDING',
    'PROBE_GROUP',
  ])
    expect(process.stderr()).toContain(name)
  expect(process.stderr()).toContain('7 problems')
})

test('a bound that no delay reaches is refused', () => {
  expect(() =>
    loadConfig(probeEnvironment, { ...environment(), PROBE_DELAYS_MS: '100,900', PROBE_BOUND_MS: '1000' }),
  ).toThrow(/PROBE_DELAYS_MS.*ends before PROBE_BOUND_MS/)
})

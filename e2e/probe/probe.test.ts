import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createKafkaBus, type EventBus } from '@freshet/events'
import { workspaceRoot } from '@freshet/local'
import { createLogger } from '@freshet/telemetry'
import { eventually } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { ask, productId, sharedSystem, signIn } from '../supergraph.ts'

/** `freshet probe` on the whole system, of which it sees all that the other scenarios change, too. */
const { redisUrl, kafkaBrokers, gatewayUrl } = sharedSystem()
const running: ChildProcess[] = []
let bus: EventBus
beforeAll(() => {
  const logger = createLogger('probe-test', { level: 'silent' })
  bus = createKafkaBus({ brokers: kafkaBrokers, clientId: 'probe-test', logger })
})
afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})
afterAll(() => bus?.close())

async function startProbe(env: Record<string, string>) {
  const child = spawn(
    process.execPath,
    [join(workspaceRoot, 'packages/cli/bin/freshet.mjs'), 'probe', '--gateway', gatewayUrl],
    {
      env: {
        PATH: process.env.PATH ?? '',
        HOME: process.env.HOME ?? '',
        FRESHET_REDIS_URL: redisUrl,
        FRESHET_KAFKA_BROKERS: kafkaBrokers.join(','),
        ...env,
      },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  running.push(child)
  let output = ''
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (text: Buffer) => (output += text))
  const exited = once(child, 'close') as Promise<[number | null]>
  const metricsUrl = await eventually(
    () => {
      const url = /is at (http:\S+)/.exec(output)?.[1]
      if (url === undefined) throw new Error(`it does not follow yet:\n${output}`)
      return url
    },
    { timeoutMs: 60_000 },
  )
  return {
    output: () => output,
    metrics: async () => (await fetch(metricsUrl)).text(),
    async interrupt() {
      child.kill('SIGINT')
      return (await exited)[0]
    },
  }
}

const checked = (level: string, delay: string) =>
  new RegExp(
    `^freshet_probe_checks_total\\{level="${level}",delay="${delay}",outcome="clean"[^}]*\\} [1-9]`,
    'm',
  )

test('after a change through the gateway every level is measured clean, and there is no violation', async () => {
  // A busy machine takes its time; this is about what is right in the end.
  const probe = await startProbe({ PROBE_DELAYS_MS: '100,15000', PROBE_BOUND_MS: '15000' })
  const admin = await signIn('admin')
  const id = productId(21)
  const { currency } = (await ask('ProductPage', { id })).data.product.price
  let amount = 2_000
  await eventually(
    async () => {
      const input = { productId: id, price: { amount: amount++, currency } }
      expect((await ask('SetPrice', { input }, { token: admin })).data.setPrice.userErrors).toEqual([])
      const metrics = await probe.metrics()
      for (const level of ['field', 'gateway', 'answer']) expect(metrics).toMatch(checked(level, '15'))
    },
    { timeoutMs: 90_000, intervalMs: 1_000 },
  )
  const metrics = await probe.metrics()
  for (const level of ['gateway', 'answer'])
    expect(metrics).toMatch(
      new RegExp(`^freshet_probe_staleness_seconds_count\\{level="${level}"[^}]*\\} [1-9]`, 'm'),
    )
  const violations = [...metrics.matchAll(/^freshet_probe_violations_total.* (\d+)$/gm)].map(
    ([, count]) => count,
  )
  expect(violations.length).toBeGreaterThan(4)
  expect(new Set(violations)).toEqual(new Set(['0']))
  expect([await probe.interrupt(), probe.output()]).toEqual([
    0,
    expect.stringMatching(/in \d+ s: \d+ checks; .*answer .*; no violations\n$/),
  ])
})

test('an invalidation that no cache has followed is reported, and the command ends with 1', async () => {
  const probe = await startProbe({ PROBE_DELAYS_MS: '20,50', PROBE_BOUND_MS: '50' })
  const redis = new Redis(redisUrl)
  const sequence = String(Number(await redis.hget('{catalog}:fence', '.seq')) + 3_600_000_000)
  redis.disconnect()
  const trace = 'c'.repeat(32)
  const event = {
    specversion: '1.0',
    id: crypto.randomUUID(),
    source: 'urn:freshet:catalog',
    type: 'freshet.catalog.invalidated.v1',
    subject: 'catalog',
    time: new Date().toISOString(),
    traceparent: `00-${trace}-00f067aa0ba902b7-01`,
    data: { domain: 'catalog', tags: ['product:0'], sequence },
  }
  // As for a replay: the gateway's own consumer takes it for another's.
  const headers = { 'freshet-only-group': 'nobody' }
  await eventually(
    async () => {
      await bus.publish([
        { topic: 'catalog.invalidations', key: 'catalog', value: JSON.stringify(event), headers },
      ])
      for (const level of ['field', 'gateway'])
        expect(probe.output()).toMatch(
          new RegExp(
            `VIOLATION: ${level} is still without catalog's change of product:0 .* freshet trace ${trace}`,
          ),
        )
    },
    { timeoutMs: 60_000, intervalMs: 500 },
  )
  expect([await probe.interrupt(), probe.output()]).toEqual([1, expect.stringMatching(/ VIOLATIONS\n$/)])
})

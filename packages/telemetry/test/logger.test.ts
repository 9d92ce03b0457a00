import { expect, test } from '@jest/globals'
import {
  createLogger,
  maskText,
  meter,
  metricsText,
  shutdownTelemetry,
  traceCarrier,
  traceId,
  withSpan,
} from '../src/index.ts'

function logged(
  write: (logger: ReturnType<typeof createLogger>) => void,
  level?: 'debug' | 'warn',
): Record<string, unknown>[] {
  const lines: string[] = []
  write(
    createLogger('catalog', {
      ...(level && { level }),
      destination: { write: (line) => void lines.push(line) },
    }),
  )
  return lines.map((line) => JSON.parse(line) as Record<string, unknown>)
}

test('writes one JSON object a line, with a readable level and time', () => {
  expect(logged((logger) => logger.info({ productId: '1' }, 'price changed'))).toEqual([
    {
      level: 'info',
      time: expect.stringMatching(/^\d{4}-.*Z$/),
      pid: process.pid,
      name: 'catalog',
      productId: '1',
      msg: 'price changed',
    },
  ])
})

test('writes nothing below its level', () => {
  expect(logged((logger) => logger.debug('quiet'))).toEqual([])
  expect(logged((logger) => logger.info('quiet'), 'warn')).toEqual([])
})

test('secrets do not reach the log, at any depth or in any spelling', () => {
  const secrets = {
    authorization: 'hunter2',
    headers: {
      Authorization: 'hunter2',
      cookie: 'hunter2',
      'Set-Cookie': ['hunter2'],
      'freshet-signature': 'hunter2',
      'x-api-key': 'kept',
    },
    list: [
      {
        user: {
          passwordHash: 'hunter2',
          newPassword: 'hunter2',
          accessToken: 'hunter2',
          SUBGRAPH_SECRET: 'hunter2',
        },
      },
    ],
    apiKey: 'hunter2',
  }
  const [line] = logged((logger) => logger.info(secrets, 'x'))
  expect(JSON.stringify(line)).not.toContain('hunter2')
  // What was logged is not changed: it is still in use.
  expect(secrets.authorization).toBe('hunter2')
})

test('credentials inside texts are masked', () => {
  const error = new Error('connect failed: postgres://users:p@ss:hunter2@db:5432/x', {
    cause: new Error('redis://:hunter2@cache'),
  })
  const lines = logged((logger) => {
    logger.error(error)
    logger.error({ err: error }, 'again')
    logger.error({ reason: error, all: [error] }, 'elsewhere')
    logger.info('Authorization: Bearer hunter2hunter2 and fst_hunter2')
  })
  expect(JSON.stringify(lines)).not.toContain('hunter2')
  expect(lines[0]).toMatchObject({
    msg: expect.stringContaining('postgres://***@db:5432/x'),
    err: { type: 'Error', stack: expect.any(String) },
  })
  expect(lines[2]).toMatchObject({ reason: { type: 'Error' }, all: [{ type: 'Error' }] })
})

test.each([
  [
    'an address is not a credential: mail demo@freshet.example',
    'an address is not a credential: mail demo@freshet.example',
  ],
  ['http://host/path@x', 'http://host/path@x'],
  ['redis://:hunter2@h and amqps://a:hunter2@h/', 'redis://***@h and amqps://***@h/'],
  ['', ''],
])('masks %j as %j', (text, masked) => {
  expect(maskText(text)).toBe(masked)
})

test('cycles, deep nesting, errors with cycles, dates and nothing are logged without a crash', () => {
  const cycle: Record<string, unknown> = {
    date: new Date(0),
    nothing: null,
    missing: undefined,
    fn: () => 1,
    bytes: Buffer.from('x'),
  }
  cycle.self = cycle
  const error = Object.assign(new Error('round'), { cycle })
  const [line] = logged((logger) => logger.info({ cycle, error, password: null }, 'x'))
  expect(line).toMatchObject({
    msg: 'x',
    password: null,
    cycle: { date: '1970-01-01T00:00:00.000Z', nothing: null },
  })
})

test('without register everything works and does nothing', async () => {
  meter('x').createCounter('y').add(1)
  expect(
    await withSpan('t', 's', { parent: { traceparent: 'nonsense' } }, () => [traceId(), traceCarrier()]),
  ).toEqual([undefined, {}])
  await expect(withSpan('t', 's', {}, () => Promise.reject(new Error('mine')))).rejects.toThrow('mine')
  expect(await metricsText()).toMatch(/^# no metrics/)
  await shutdownTelemetry()
})

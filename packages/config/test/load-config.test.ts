import { spawnSync } from 'node:child_process'
import { expect, test } from '@jest/globals'
import { z } from 'zod'
import {
  brokers,
  ConfigError,
  crossCheck,
  type Environment,
  flag,
  httpUrl,
  json,
  loadConfig,
  port,
  sensitive,
  serviceEnvironment,
  subgraphEnvironment,
  wholeNumber,
} from '../src/index.ts'

const good = {
  PORT: '4001',
  SUBGRAPH_SECRET: 'a-secret-of-24-characters',
  DATABASE_URL: 'postgres://users:hunter2@127.0.0.1:5432/freshet',
  REDIS_URL: 'redis://127.0.0.1:6379',
  KAFKA_BROKERS: '127.0.0.1:9092, [::1]:9093',
}

function problemsOf(schema: z.ZodObject, env: Environment): Record<string, string> {
  try {
    loadConfig(schema, env)
  } catch (error) {
    if (error instanceof ConfigError)
      return Object.fromEntries(error.problems.map((p) => [p.name, p.problem]))
    throw error
  }
  return {}
}

test('reads a subgraph’s environment with its defaults', () => {
  expect(loadConfig(subgraphEnvironment, good)).toEqual({
    ...good,
    HOST: '127.0.0.1',
    PORT: 4001,
    LOG_LEVEL: 'info',
    SHUTDOWN_DRAIN_MS: 250,
    SHUTDOWN_GRACE_MS: 10_000,
    DATABASE_POOL_SIZE: 10,
    KAFKA_BROKERS: ['127.0.0.1:9092', '[::1]:9093'],
    CACHE_ENABLED: true,
  })
})

test('ignores variables that it does not know', () => {
  expect(loadConfig(z.object({ PORT: port }), { PORT: '1', NONSENSE: 'x' })).toEqual({ PORT: 1 })
})

test('an empty variable counts as unset', () => {
  expect(
    loadConfig(z.object({ PORT: port.default(7), X: wholeNumber().optional() }), { PORT: '', X: ' ' }),
  ).toEqual({
    PORT: 7,
  })
})

test('lists every problem at once, each with its name, what is wrong and what is expected', () => {
  const problems = problemsOf(subgraphEnvironment, {
    PORT: 'eighty',
    LOG_LEVEL: 'loud',
    SUBGRAPH_SECRET: 'short',
    DATABASE_URL: 'mysql://root:hunter2@db/shop',
    DATABASE_POOL_SIZE: '0',
    KAFKA_BROKERS: 'kafka:9092,kafka',
    CACHE_ENABLED: 'yes',
  })
  expect(problems).toEqual({
    PORT: '"eighty" is not a whole number; expected a TCP port from 0 to 65535',
    LOG_LEVEL: '"loud" is refused; expected fatal, error, warn, info, debug, trace or silent',
    SUBGRAPH_SECRET: expect.stringMatching(/^is shorter than 16 characters; expected a secret/),
    DATABASE_URL: expect.stringMatching(/^does not start with postgres:.*; expected a URL like/),
    DATABASE_POOL_SIZE: '"0" is out of range; expected a whole number from 1 to 1000',
    REDIS_URL: expect.stringMatching(/^is not set; expected a URL like redis:/),
    KAFKA_BROKERS: expect.stringMatching(/^"kafka:9092,kafka" has an entry that is not host:port/),
    CACHE_ENABLED: '"yes" is neither true nor false; expected true, false, 1 or 0',
  })
})

test('never prints a secret, whatever way it is wrong', () => {
  const schema = subgraphEnvironment.extend({
    API_TOKEN: z.string().max(3),
    PLAIN: z.coerce.number(),
    MARKED: sensitive(z.coerce.number()),
    UPSTREAM: httpUrl,
    LIST: json(z.array(z.number())),
  })
  const env = {
    PORT: 'user:hunter2@host',
    SUBGRAPH_SECRET: 'hunter2',
    DATABASE_URL: 'postgres://users:hunter2@host:5432',
    REDIS_URL: 'redi://:hunter2@host',
    API_TOKEN: 'hunter2',
    PLAIN: 'password=hunter2',
    MARKED: 'hunter2',
    UPSTREAM: 'http//x:hunter2@host',
    LIST: '["hunter2 @',
    KAFKA_BROKERS: 'sasl:hunter2@kafka',
  }
  const error = (() => {
    try {
      return loadConfig(schema, env)
    } catch (caught) {
      return caught
    }
  })()
  expect(error).toBeInstanceOf(ConfigError)
  expect((error as ConfigError).problems).toHaveLength(Object.keys(env).length)
  expect(JSON.stringify(error) + (error as ConfigError).message).not.toContain('hunter2')
})

test.each(['1e3', '0x10', '-1', '1.5', ' 5', '99999', '9'.repeat(20), 'NaN', 'Infinity', '１'])(
  'refuses %j as a port',
  (text) => {
    expect(problemsOf(z.object({ PORT: port }), { PORT: text })).toHaveProperty('PORT')
  },
)

test.each([',', 'kafka', 'kafka:0', 'kafka:99999', 'http://kafka:9092', ':9092', 'a:1;b:2'])(
  'refuses %j as brokers',
  (text) => {
    expect(problemsOf(z.object({ BROKERS: brokers }), { BROKERS: text })).toHaveProperty('BROKERS')
  },
)

test('flags are true, false, 1 or 0 in any case', () => {
  const schema = z.object({ A: flag, B: flag, C: flag })
  expect(loadConfig(schema, { A: 'TRUE', B: '0', C: 'false' })).toEqual({ A: true, B: false, C: false })
})

test('a problem inside JSON says where it is', () => {
  const schema = z.object({ SUBGRAPHS: json(z.array(z.object({ url: z.url() }))) })
  expect(problemsOf(schema, { SUBGRAPHS: '[{"url":"x"}]' })).toEqual({ SUBGRAPHS: 'at [0].url: Invalid URL' })
  expect(problemsOf(schema, { SUBGRAPHS: '[' })).toEqual({ SUBGRAPHS: '"[" is not JSON; expected JSON' })
})

test('a check over two variables is listed together with the problems of others', () => {
  const schema = crossCheck(
    z.object({ LOW: wholeNumber(), HIGH: wholeNumber(), PORT: port }),
    ['LOW', 'HIGH'],
    (env) => env.LOW <= env.HIGH,
    'must not be above HIGH',
  )
  expect(problemsOf(schema, { LOW: '3', HIGH: '2' })).toEqual({
    LOW: 'must not be above HIGH',
    PORT: expect.stringContaining('is not set'),
  })
  expect(Object.keys(problemsOf(schema, { LOW: 'x', HIGH: '2', PORT: '1' }))).toEqual(['LOW'])
})

test('loadConfigOrExit prints the list and exits with 1, without a stack trace', () => {
  const script = `import { loadConfigOrExit, serviceEnvironment } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
    loadConfigOrExit(serviceEnvironment, { PORT: 'x' }); console.log('not reached')`
  const child = spawnSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' })
  expect(child.status).toBe(1)
  expect(child.stdout).toBe('')
  expect(child.stderr).toMatch(
    /^The environment has 2 problems:\n {2}PORT {13}"x" is not.*\n {2}SUBGRAPH_SECRET {2}is not set.*\n$/,
  )
})

test('the configuration can’t be changed after it was read', () => {
  const config = loadConfig(serviceEnvironment, good)
  expect(() => Object.assign(config, { PORT: 1 })).toThrow(TypeError)
})

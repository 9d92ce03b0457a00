import { type ConfigError, loadConfig } from '@freshet/config'
import { expect, test } from '@jest/globals'
import { environment } from '../src/config.ts'

const valid = {
  PORT: '4001',
  SUBGRAPH_SECRET: 'a-secret-of-16-or-more',
  DATABASE_URL: 'postgres://users:x@127.0.0.1:5432/freshet',
  REDIS_URL: 'redis://127.0.0.1:6379',
  KAFKA_BROKERS: '127.0.0.1:9092',
}

test("passwords are hashed with OWASP's parameters unless something stronger is asked for", () => {
  expect(loadConfig(environment, valid)).toMatchObject({ PASSWORD_MEMORY_KIB: 19_456, PASSWORD_PASSES: 2 })
})

test('lists everything that is wrong, weak password parameters too', () => {
  const wrong = {
    ...valid,
    PORT: 'http',
    SESSION_REDIS_URL: 'nowhere',
    PASSWORD_MEMORY_KIB: '64',
    SIGN_IN_TRIES: '0',
  }
  let problems: string[] = []
  try {
    loadConfig(environment, wrong)
  } catch (error) {
    problems = (error as ConfigError).problems.map(({ name }) => name)
  }
  expect(problems.sort()).toEqual(['PASSWORD_MEMORY_KIB', 'PORT', 'SESSION_REDIS_URL', 'SIGN_IN_TRIES'])
})

import { loadConfig } from '@freshet/config'
import { expect, test } from '@jest/globals'
import { environment } from '../src/config.ts'

const valid = {
  SUBGRAPH_SECRET: 'a-secret-of-16-or-more',
  DATABASE_URL: 'postgres://analytics:x@127.0.0.1:5432/freshet',
  REDIS_URL: 'redis://127.0.0.1:6379',
  KAFKA_BROKERS: '127.0.0.1:9092',
}

test('activity is kept for a year and the current month unless it is told otherwise', () => {
  expect(loadConfig(environment, valid).ACTIVITY_RETENTION_MONTHS).toBe(13)
  expect(loadConfig(environment, { ...valid, ACTIVITY_RETENTION_MONTHS: '3' })).toMatchObject({
    ACTIVITY_RETENTION_MONTHS: 3,
  })
})

test.each(['2', '0', '-1', '121', '1.5', 'forever'])(
  'refuses to keep it for %s months: what may still come would find no month, or never end',
  (months) => {
    expect(() => loadConfig(environment, { ...valid, ACTIVITY_RETENTION_MONTHS: months })).toThrow(
      expect.objectContaining({
        code: 'CONFIG_INVALID',
        problems: [expect.objectContaining({ name: 'ACTIVITY_RETENTION_MONTHS' })],
      }),
    )
  },
)

import { StatementTimeoutError } from '@freshet/database'
import { expect, test } from '@jest/globals'
import { BusUnavailableError, TransientError } from '../src/index.ts'
import { judge } from '../src/transient.ts'

const withCode = (code: string, message = 'an error') => Object.assign(new Error(message), { code })
const named = (name: string, more = {}) => Object.assign(new Error('an error'), { name, ...more })

test.each<[string, unknown]>([
  ['a refused connection', withCode('ECONNREFUSED')],
  ['both addresses refused', new AggregateError([withCode('ECONNREFUSED'), withCode('ECONNREFUSED')])],
  ['a name that does not resolve', withCode('ENOTFOUND')],
  ['PostgreSQL shutting down', withCode('57P01')],
  ['PostgreSQL starting', withCode('57P03')],
  ['PostgreSQL out of connections', withCode('53300')],
  ['a broken protocol of PostgreSQL', withCode('08006')],
  ['a standby', withCode('25006')],
  ['a connection of pg that ended', new Error('Connection terminated unexpectedly')],
  ['a full pool', new Error('timeout exceeded when trying to connect')],
  ['Redis away', named('MaxRetriesPerRequestError')],
  ['Redis loading', new Error('LOADING Redis is loading the dataset in memory')],
  ['Kafka away', new BusUnavailableError('no broker')],
  ['a kafkajs error that may pass', named('KafkaJSConnectionError', { retriable: true })],
  ['an invalidation that waits for Redis', Object.assign(new Error('x'), { code: 'CACHE_UNAVAILABLE' })],
  ['what a handler calls transient', new TransientError('the mail server is closed on Sundays')],
  ['a cause deep inside', new Error('a', { cause: new Error('b', { cause: withCode('ECONNRESET') }) })],
])('waits as long as it takes: %s', (_what, error) => {
  expect(judge(error)).toBe('unavailable')
})

test.each<[string, unknown]>([
  ['a deadlock', withCode('40P01')],
  ['a serialization failure', withCode('40001')],
  ['a lock that was not given', withCode('55P03')],
  ['a statement that took too long', new StatementTimeoutError(withCode('57014'))],
  ['a time-out of fetch', AbortSignal.abort(new DOMException('late', 'TimeoutError')).reason],
])('waits for a while: %s', (_what, error) => {
  expect(judge(error)).toBe('contended')
})

test.each<[string, unknown]>([
  ['a bug', new TypeError('undefined is not a function')],
  ['a violated constraint', withCode('23505')],
  ['a value that PostgreSQL refuses', withCode('22P02')],
  ['a text', 'no error at all'],
  ['nothing', undefined],
  [
    'a circle of causes',
    (() => {
      const error = new Error('a')
      error.cause = error
      return error
    })(),
  ],
])("is the event's own fault: %s", (_what, error) => {
  expect(judge(error)).toBe('failed')
})

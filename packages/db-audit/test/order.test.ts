import { expect, test } from '@jest/globals'
import { byUrgency, type Finding, type Severity } from '../src/finding.ts'

const finding = (severity: Severity, id: string) => ({ severity, id, object: '' }) as Finding

test('of what is equally bad, tells first what is so right now, and then what the log has', () => {
  const ids = [
    finding('info', 'session.long-statement'),
    finding('warning', 'database.deadlocks'),
    finding('warning', 'index.unused'),
    finding('warning', 'log.lock-wait'),
    finding('warning', 'pool.exhausted'),
    finding('warning', 'trace.n-plus-one'),
    finding('error', 'index.missing'),
    finding('error', 'session.blocked'),
    finding('error', 'database.connections'),
  ].toSorted(byUrgency)
  expect(ids.map(({ id }) => id)).toEqual([
    'database.connections',
    'session.blocked',
    'index.missing',
    'pool.exhausted',
    'log.lock-wait',
    'trace.n-plus-one',
    'database.deadlocks',
    'index.unused',
    'session.long-statement',
  ])
})

import { expect, test } from '@jest/globals'
import { logFindings } from '../src/checks/log.ts'
import type { Facts } from '../src/facts/facts.ts'
import { logFacts } from '../src/log/read-log.ts'

const update = 'update accounts set name = $1'

/** Lines of process 7, a minute each. */
function line(minute: number, text: string, pid = 7): string {
  return `2026-11-26 06:${String(minute).padStart(2, '0')}:00.000 UTC [${pid}] users@freshet users ${text}`
}
const waits = (minute: number, pid = 7) => [
  line(minute, `LOG:  process ${pid} still waiting for ShareLock on transaction 5 after 1000.1 ms`, pid),
  line(minute, `DETAIL:  Process holding the lock: 42. Wait queue: ${pid}.`, pid),
  line(minute, `STATEMENT:  ${update}`, pid),
]
const cancelled = (minute: number, pid = 7) => [
  line(minute, 'ERROR:  canceling statement due to statement timeout', pid),
  line(minute, `STATEMENT:  ${update}`, pid),
]

function findingsOf(lines: readonly string[], options: { since?: Date; sessions?: object[] } = {}) {
  const log = logFacts(lines, 'freshet', ['freshet'], options.since ? { since: options.since } : {})
  return logFindings({ log, sessions: options.sessions ?? [] } as unknown as Facts)
}

test('tells when a wait was first and last, and who held the lock, by what is known of it now', () => {
  const slow = line(1, `LOG:  duration: 900.5 ms  statement: select 42 /*service='catalog'*/`, 42)
  const [gone] = findingsOf([slow, ...waits(2), ...waits(9)])
  expect(gone).toMatchObject({
    id: 'log.lock-wait',
    detail: expect.stringMatching(
      /2 times, from 2026-11-26T06:02:00.000Z to 2026-11-26T06:09:00.000Z\. It was held by process 42 \(catalog\), no session .* select 42\.$/,
    ),
    evidence: { holders: '42', first: '2026-11-26T06:02:00.000Z', last: '2026-11-26T06:09:00.000Z' },
  })
  const session = { pid: 42, program: 'freshet migrate', state: 'idle in transaction', sql: 'select 1' }
  expect(findingsOf(waits(2), { sessions: [session] })[0]!.detail).toMatch(
    /, at 2026-11-26T06:02:00.000Z\. It was held by session 42 \(freshet migrate\), now idle in transaction: select 1\.$/,
  )
})

test('tells nothing of what was before the time that counts', () => {
  const since = new Date('2026-11-26T06:05:00Z')
  expect(findingsOf(waits(4), { since })).toEqual([])
  expect(findingsOf([...waits(4), ...waits(5)], { since })[0]!.evidence.times).toBe(1)
  // One without a time may be of now.
  expect(findingsOf([`users@freshet ERROR:  deadlock detected`], { since })).toHaveLength(1)
})

test.each([
  ['2026-11-26 06:00:00 GMT [7]', 0],
  ['2026-11-26 07:00:00.000 CET [7-1]', 3_600],
  ['2026-11-26 11:30:00.000 +0530 [7]', 0],
  ['2026-11-26 03:00:00.000 -03 [7]', 0],
])('reads the time and the process of %s', (prefix, zoneSeconds) => {
  const lines = [`${prefix} users@freshet ERROR:  deadlock detected`]
  const { troubles } = logFacts(lines, 'freshet', ['freshet'], { zoneSeconds })
  expect(troubles).toEqual([expect.objectContaining({ at: new Date('2026-11-26T06:00:00Z'), pid: 7 })])
})

test('reads the same of jsonlog', () => {
  const entry = {
    timestamp: '2026-11-26 06:00:00.000 UTC',
    user: 'users',
    dbname: 'freshet',
    pid: 7,
    error_severity: 'LOG',
    message: 'process 7 still waiting for ShareLock on transaction 5 after 1000.1 ms',
    detail: 'Processes holding the lock: 42, 43. Wait queue: 7.',
    statement: update,
  }
  const { troubles } = logFacts([JSON.stringify(entry)], 'freshet')
  expect(troubles[0]).toMatchObject({ at: new Date('2026-11-26T06:00:00Z'), pid: 7, holders: [42, 43] })
})

test('does not ask for a faster statement where it was cancelled while it waited for a lock', () => {
  const timedOut = (lines: string[]) => findingsOf(lines).find(({ id }) => id === 'log.statement-timeout')!
  const all = timedOut([...waits(2), ...cancelled(2)])
  expect(all.title).toBe('a statement was cancelled while it waited for a lock')
  expect(all.advice).not.toContain('faster')
  expect(all.detail).toContain('log.lock-wait')

  const some = timedOut([...waits(2), ...cancelled(2), ...cancelled(9)])
  expect(some.detail).toContain('Once it had waited for a lock')
  expect(some.advice).toMatch(/shorten the transaction.*faster/)

  // Another session's wait, and one that was over long before.
  for (const lines of [
    [...waits(2, 8), ...cancelled(2)],
    [...waits(2), ...cancelled(9)],
  ])
    expect(timedOut(lines).advice).toBe('make it faster; its client got an error')
})

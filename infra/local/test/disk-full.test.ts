import { existsSync, writeFileSync } from 'node:fs'
import { expect, test } from '@jest/globals'
import { diskFullMessage, isDiskFull } from '../src/disk-full.ts'
import { explain, PartError } from '../src/errors.ts'

const oneLine =
  /^The disk of \/\S+ is full \([\d,]+ KiB are free\): nothing more can be written there\. Make room/

// What PostgreSQL, initdb, a part's log and Node say of it.
const failures = [
  Object.assign(new Error('could not extend file "base/16384/2619"'), { code: '53100' }),
  new Error('The seed failed', { cause: Object.assign(new Error('write'), { code: 'ENOSPC' }) }),
  new PartError('postgres', 'initdb failed', {
    logTail: ['initdb: error: could not write: No space left on device'],
  }),
]

test.each(failures)('%s: one line says which folder, and what to do', (error) => {
  expect(explain(error)).toMatch(oneLine)
  expect(explain(error)).not.toMatch(/\n| at /)
})

const device = existsSync('/dev/full') ? test : test.skip

device('what a full disk really throws is known as such', () => {
  const write = () => writeFileSync('/dev/full', 'x')
  expect(write).toThrow()
  try {
    write()
  } catch (error) {
    expect(isDiskFull(error)).toBe(true)
  }
})

test('other failures are told as before', () => {
  expect(isDiskFull(new Error('connect ECONNREFUSED'))).toBe(false)
  expect(explain(new PartError('redis', 'no answer', { advice: 'Look.' }))).toBe('redis: no answer\n  Look.')
})

const proc = existsSync('/proc/self') ? test : test.skip

proc('the disk with the least room is the one that is named', () => {
  expect(diskFullMessage(['/', '/proc', '/nowhere'])).toContain('The disk of /proc is full (0 KiB')
})

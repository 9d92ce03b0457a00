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

test.each(failures)('%s: one line says which disk, and what to do', (error) => {
  // Nobody's disk is as full as that of a folder without one.
  const told = diskFullMessage(error, ['/proc'])
  expect(told).toMatch(oneLine)
  expect(told).not.toMatch(/\n| at /)
})

test.each(failures)('%s: blames, and deletes, nothing when the disks of the clone have room', (error) => {
  const told = diskFullMessage(error, ['/', '/nowhere'])
  expect(told).toMatch(/^A disk is full that this clone does not keep its data on/)
  expect(told).toMatch(/base\/16384|write|No space left/)
  expect(told).not.toMatch(/delete-data|\n/)
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
  expect(diskFullMessage(undefined, ['/', '/proc', '/nowhere'])).toContain('The disk of /proc is full (0 KiB')
})

import { mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { describeEnd } from '../src/launch.ts'
import { formerLog, lastWords, rotateLogs } from '../src/logs.ts'

let folder: string
let log: string

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'freshet-logs-'))
  log = join(folder, 'catalog.log')
})
afterEach(() => rmSync(folder, { recursive: true }))

test('a new log leaves the former ones, the five latest', () => {
  for (let run = 1; run <= 8; run++) {
    rotateLogs(log)
    writeFileSync(log, `run ${run}`)
  }
  expect(readdirSync(folder)).toHaveLength(6)
  expect([1, 5].map((starts) => readFileSync(formerLog(log, starts), 'utf8'))).toEqual(['run 7', 'run 3'])
})

test('the last words of a process that said nothing for long are none', () => {
  writeFileSync(log, 'one\ntwo\nthree\n')
  expect(lastWords(log, 2)).toEqual(['two', 'three'])
  utimesSync(log, new Date(0), new Date(0))
  expect(lastWords(log, 2)).toEqual([])
  expect(lastWords(join(folder, 'nothing.log'), 2)).toEqual([])
})

test.each([
  [3, null, 'ended with exit code 3'],
  [0, null, 'ended with exit code 0'],
  [143, null, 'ended with exit code 143 (after SIGTERM)'],
  [null, 'SIGKILL', 'was ended by SIGKILL'],
] as const)('an end by code %s, signal %s: %s', (code, signal, words) => {
  expect(describeEnd(code, signal)).toBe(words)
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { identify, isAlive, self } from '../src/identity.ts'
import type { Layout } from '../src/layout.ts'
import { lockHolder, tryLock } from '../src/lock.ts'
import { freePort, isFree } from '../src/ports.ts'
import { type ProcessRecord, readState, updateState } from '../src/state.ts'
import { stopAll, stopProcess } from '../src/stop.ts'

let layout: Layout
let child: ChildProcess

beforeEach(() => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-state-'))
  mkdirSync(join(folder, 'logs'))
  layout = {
    profile: 'x',
    folder,
    logs: join(folder, 'logs'),
    stateFile: join(folder, 'state.json'),
    ownerTag: (name) => name,
  }
  child = spawn('sleep', ['60'], { stdio: 'ignore' })
})

afterEach(() => {
  child.kill('SIGKILL')
  rmSync(layout.folder, { recursive: true })
})

function recordOf(pid: number, changes: Partial<ProcessRecord> = {}): ProcessRecord {
  const identity = identify(pid)!
  return {
    ...identity,
    name: 'x',
    kind: 'part',
    group: null,
    owner: self(),
    url: '',
    log: '',
    stopSignal: 'SIGTERM',
    ...changes,
  }
}

test('a pid that another process has by now is neither alive nor ever killed', async () => {
  const reused = { pid: child.pid!, started: 'a moment before' }
  expect(isAlive(reused)).toBe(false)
  await stopProcess(reused, 'SIGKILL', 100)
  expect(isAlive(identify(child.pid!)!)).toBe(true)
})

test('the state forgets processes that ended or whose pid was given away', async () => {
  updateState(layout, () => [recordOf(child.pid!), recordOf(child.pid!, { name: 'old', started: 'before' })])
  expect(readState(layout).processes.map(({ name }) => name)).toEqual(['x'])
  await stopAll(layout, readState(layout).processes)
  expect(readState(layout).processes).toEqual([])
})

test('a process that ignores SIGTERM is killed after its grace', async () => {
  const stubborn = spawn('/bin/sh', ['-c', 'trap "" TERM; echo ready; while :; do sleep 0.05; done'], {
    detached: true,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await new Promise((resolve) => stubborn.stdout.once('data', resolve))
  const identity = identify(stubborn.pid!)!
  await stopProcess(identity, 'SIGTERM', 200)
  expect(isAlive(identity)).toBe(false)
})

test('an unreadable state file is set aside', () => {
  writeFileSync(layout.stateFile, '{ "version": 1, "proc')
  expect(readState(layout).processes).toEqual([])
  updateState(layout, () => [recordOf(child.pid!)])
  expect(readState(layout).processes).toHaveLength(1)
})

test('a lock is held by one, and taken over only from the dead', () => {
  const lock = join(layout.folder, 'up.lock')
  expect(tryLock(lock)).toBe(true)
  expect(tryLock(lock)).toBe(false)
  expect(lockHolder(lock)).toEqual(self())
  writeFileSync(lock, JSON.stringify({ pid: child.pid, started: 'a moment before' }))
  expect(lockHolder(lock)).toBeNull()
  expect(tryLock(lock)).toBe(true)
})

test.each(['127.0.0.1', '0.0.0.0', '::'])(
  'another port is chosen when somebody listens on %s',
  async (host) => {
    const taken = createServer()
    const port = await freePort(null)
    await once(taken.listen(port, host), 'listening')
    try {
      expect(await isFree(port)).toBe(false)
      const chosen = await freePort(port)
      expect(chosen).not.toBe(port)
      expect(await isFree(chosen)).toBe(true)
    } finally {
      taken.close()
    }
  },
)

test('a port that is asked for is none that the system gives to a connection before it is used, and given once', async () => {
  const ports = await Promise.all(Array.from({ length: 50 }, () => freePort(null)))
  expect(Math.max(...ports)).toBeLessThan(32_768)
  expect(new Set(ports).size).toBe(50)
})

test('the preferred port is taken when it is free and not avoided', async () => {
  const port = await freePort(null)
  expect(await freePort(port)).toBe(port)
  expect(await freePort(port, new Set([port]))).not.toBe(port)
})

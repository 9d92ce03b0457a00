import { eventually, type RedisNode, startRedisNode } from '@freshet/testing'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import type { Redis } from 'ioredis'
import { type Connection, createConnection, SILENCE_MS } from '../src/connection.ts'
import { createFence } from '../src/fence.ts'
import type { Holder, HolderEvents } from '../src/holder.ts'
import { createInvalidator, type Invalidator } from '../src/invalidator.ts'
import { createCacheMetrics } from '../src/metrics.ts'
import { createReports } from '../src/reports.ts'
import { recordingLogger } from './cache-kit.ts'
import { cutReplication } from './failover-kit.ts'
import { fillingOf, type PlainFence, plain } from './plain-fence.ts'

/** A master, its replica, and a process that is led from one to the other by hand: whatever way a failover takes. */
let master: RedisNode
let replica: RedisNode
const open: Process[] = []

beforeEach(async () => {
  master = await startRedisNode('--repl-diskless-sync-delay', '0')
  replica = await startRedisNode('--repl-diskless-sync-delay', '0')
  await follow(replica, master)
})
afterEach(async () => {
  for (const { connection, invalidator } of open.splice(0)) {
    invalidator.close()
    connection.close()
  }
  await Promise.all([master.close(), replica.close()])
})

async function follow(node: RedisNode, leader: RedisNode): Promise<void> {
  await node.admin.replicaof(leader.host, leader.port)
  await eventually(async () =>
    expect(await node.admin.info('replication')).toContain('master_link_status:up'),
  )
}
const promote = (node: RedisNode) => node.admin.replicaof('NO', 'ONE')

interface Process {
  readonly fence: PlainFence
  readonly connection: Connection
  readonly invalidator: Invalidator
  readonly logger: ReturnType<typeof recordingLogger>
  readonly reopened: () => number
  leadTo(node: RedisNode): void
  setConfirmed(is: boolean): void
  advance(ms: number): void
  trusted(): Promise<object>
}

function startProcess(node: RedisNode): Process {
  const logger = recordingLogger()
  const metrics = createCacheMetrics('test')
  let redis: Redis
  let events: HolderEvents | undefined
  let isConfirmed = true
  let reopened = 0
  let later = 0
  const leadTo = (next: RedisNode) => {
    const own = next.connect()
    redis = own
    events?.lost()
    own.on('ready', () => redis === own && events?.ready())
    own.on('close', () => redis === own && events?.lost())
  }
  const holder: Holder = {
    current: () => redis,
    watch(given) {
      events = given
      leadTo(node)
    },
    isConfirmed: async () => isConfirmed,
    lookAgain: () => undefined,
    reopen: () => void reopened++,
    close: () => undefined,
  }
  const fence = plain(createFence(holder.current, 'test'))
  const connection = createConnection({
    holder,
    fence,
    timeoutMs: 30_000,
    breaker: { threshold: 5, openMs: 100 },
    metrics,
    reports: createReports(logger, 0),
    onReplaced: () => invalidator.oweAgain(),
    now: () => performance.now() + later,
  })
  const invalidator = createInvalidator({
    fence,
    connection,
    attemptMs: 30_000,
    attempts: 3,
    retentionMs: () => 3_600_000,
    onAcknowledged: () => undefined,
    metrics,
    logger,
  })
  const process: Process = {
    fence,
    connection,
    invalidator,
    logger,
    reopened: () => reopened,
    leadTo,
    setConfirmed: (is) => {
      isConfirmed = is
    },
    advance: (ms) => {
      later += ms
    },
    trusted: () =>
      eventually(() => {
        const trust = connection.trust()
        if (!trust) throw new Error('not trusted')
        return trust
      }),
  }
  open.push(process)
  return process
}

async function read({ connection, fence, invalidator }: Process, key: string): Promise<string | null> {
  if (invalidator.owes()) return null
  const reading = await connection.ask('read', () => fence.read([key], connection.reign()))
  return reading?.payloads[0] ?? null
}

async function fill({ connection, fence }: Process, key: string, payload: string): Promise<void> {
  const reading = await fence.read([key], connection.reign())
  expect(await fence.fill(reading, [fillingOf(key, [`tag:${key}`], payload)])).toEqual(['stored'])
}

test('an invalidation that a replaced master acknowledges is repeated at its successor before this process reads there', async () => {
  const [writer, reader] = [startProcess(master), startProcess(master)]
  await Promise.all([writer.trusted(), reader.trusted()])
  await promote(replica)
  reader.leadTo(replica)
  await reader.trusted()
  await fill(reader, 'a', 'old')
  await writer.invalidator.invalidate(['tag:a'], {})
  expect(await read(reader, 'a')).toBe('old')

  writer.leadTo(replica)
  await writer.trusted()
  expect(await read(writer, 'a')).toBeNull()
  await eventually(async () => expect(await read(reader, 'a')).toBeNull())
  await eventually(() => expect(writer.invalidator.owes()).toBe(false))
})

test('the process that begins the life of a successor repeats nothing', async () => {
  const writer = startProcess(master)
  await writer.trusted()
  await writer.invalidator.invalidate(['tag:a'], {})
  await promote(replica)
  writer.leadTo(replica)
  await writer.trusted()
  expect(writer.invalidator.owes()).toBe(false)
})

test('when too many were acknowledged to be remembered, every entry of the successor ends instead', async () => {
  const [writer, reader] = [startProcess(master), startProcess(master)]
  await Promise.all([writer.trusted(), reader.trusted()])
  await promote(replica)
  reader.leadTo(replica)
  await reader.trusted()
  await fill(reader, 'a', 'old')
  await writer.invalidator.invalidate(
    ['tag:a', ...Array.from({ length: 10_001 }, (_, i) => `other:${i}`)],
    {},
  )
  writer.leadTo(replica)
  await eventually(async () => expect(await read(reader, 'a')).toBeNull())
})

test('a master that was demoted and promoted again in between is not taken for the one that it was', async () => {
  const reader = startProcess(master)
  const trust = await reader.trusted()
  await fill(reader, 'a', 'old')
  await eventually(async () => expect(await replica.admin.exists('{test}:a')).toBe(1))
  await cutReplication(master, replica)
  await reader.invalidator.invalidate(['tag:a'], {})
  await promote(replica)
  await follow(master, replica)
  await promote(master)
  // It has the old value again, its invalidation is lost, and its run id is the same.
  await eventually(() => expect(reader.connection.trust()).not.toBe(trust))
  await reader.trusted()
  expect(await read(reader, 'a')).toBeNull()
})

test('a replica is never trusted, also one that was a master when the connection was made', async () => {
  const process = startProcess(master)
  await process.trusted()
  await promote(replica)
  await follow(master, replica)
  await eventually(() => expect(process.connection.trust()).toBeUndefined())
  expect(await process.connection.ask('read', () => process.fence.read(['a'], ''))).toBeUndefined()
  await expect(process.connection.tell(async () => 1, 50)).rejects.toThrow('did not answer within 50 ms')
})

test('a node that the others contradict is trusted neither at first nor any longer', async () => {
  const process = startProcess(master)
  process.setConfirmed(false)
  await eventually(() => expect(process.logger.lines).not.toEqual([]))
  expect(process.connection.trust()).toBeUndefined()
  process.setConfirmed(true)
  await process.trusted()
  process.setConfirmed(false)
  await eventually(() => expect(process.connection.trust()).toBeUndefined())
})

test('a Redis that was silent is not asked again before it was connected to anew', async () => {
  const process = startProcess(master)
  await process.trusted()
  await fill(process, 'a', 'value')
  expect(await read(process, 'a')).toBe('value')
  process.advance(SILENCE_MS + 1)
  expect(await read(process, 'a')).toBeNull()
  await eventually(() => expect(process.reopened()).toBe(1))
  expect(process.connection.trust()).toBeUndefined()
})

test('an answer does not count when trust was lost and won while it was on its way', async () => {
  const process = startProcess(master)
  await process.trusted()
  const answer = Promise.withResolvers<string>()
  const asked = process.connection.ask('read', () => answer.promise)
  const told = process.connection.tell(() => answer.promise, 60_000)
  process.leadTo(master)
  await process.trusted()
  answer.resolve('late')
  expect(await asked).toBeUndefined()
  await expect(told).rejects.toThrow('lost or replaced during the call')
})

test('a connection beside leads to the same Redis, or is refused', async () => {
  const process = startProcess(master)
  await expect(process.connection.openBeside()).rejects.toThrow('not verified yet')
  await process.trusted()
  const beside = await process.connection.openBeside()
  expect(await beside.ping()).toBe('PONG')
  beside.disconnect()
  const { host, port } = replica
  await expect(process.connection.openBeside({ host, port })).rejects.toThrow('leads to another Redis')
})

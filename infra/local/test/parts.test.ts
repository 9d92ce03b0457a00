import { once } from 'node:events'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import pg from 'pg'
import { requirePrograms } from '../src/debian.ts'
import {
  down,
  externalVariables,
  isAlive,
  type Layout,
  layoutOf,
  readState,
  removeProfile,
  status,
  stopOwn,
  up,
} from '../src/index.ts'
import { launch } from '../src/launch.ts'
import { pingRedis } from '../src/ping-redis.ts'
import { freePort } from '../src/ports.ts'
import { startRedis } from '../src/redis.ts'
import { updateState } from '../src/state.ts'
import { stopProcess } from '../src/stop.ts'

const profile = `parts-${process.pid}`
const layout = layoutOf(profile)
const pair = { profile, parts: ['postgres', 'redis'] as const, env: {} }

afterAll(() => removeProfile(profile))

test('up starts what is missing, the second up reuses it, down leaves nothing', async () => {
  const first = await up(pair)
  expect(first.started).toEqual(['postgres', 'redis'])
  expect((await status(profile)).map(({ problem }) => problem)).toEqual([null, null])
  const second = await up(pair)
  expect(second).toEqual({ ...first, started: [] })
  const stopped = await down({ profile })
  expect(stopped.map(({ name }) => name).sort()).toEqual(['postgres', 'redis'])
  expect(readState(layout).processes).toEqual([])
  await expect(ask(first.postgresAdminUrl, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
})

test('PostgreSQL has the extensions of the plan preloaded, and lets nobody in without the password', async () => {
  const { postgresAdminUrl } = await up(pair)
  expect(await ask(postgresAdminUrl, 'show shared_preload_libraries')).toBe('pg_stat_statements,auto_explain')
  const available =
    "select count(*)::int from pg_available_extensions where name in ('pg_stat_statements', 'pg_trgm', 'ltree')"
  expect(await ask(postgresAdminUrl, available)).toBe(3)
  const wrong = new URL(postgresAdminUrl)
  wrong.password = 'guess'
  await expect(ask(wrong.href, 'select 1')).rejects.toThrow(/password authentication failed/)
})

test('the state file, which holds passwords, is readable by its owner alone', async () => {
  await up(pair)
  expect(statSync(layout.stateFile).mode & 0o777).toBe(0o600)
})

test('two ups at once agree', async () => {
  await down({ profile })
  const [one, two] = await Promise.all([up(pair), up(pair)])
  expect(one.postgresAdminUrl).toBe(two.postgresAdminUrl)
  expect([...one.started, ...two.started].sort()).toEqual(['postgres', 'redis'])
})

test('a part that was killed is started again, the other stays', async () => {
  const before = await up(pair)
  const redis = readState(layout).processes.find(({ name }) => name === 'redis')!
  process.kill(redis.pid, 'SIGKILL')
  while (isAlive(redis)) await new Promise((resolve) => setTimeout(resolve, 10))
  expect(await endedOnes()).toEqual([{ name: 'redis', pid: redis.pid }])
  const after = await up(pair)
  expect(after).toEqual({ ...before, started: ['redis'] })
  expect(await endedOnes()).toEqual([])
})

test('a part whose port was taken moves, unless services still use it', async () => {
  const before = await up(pair)
  const record = readState(layout).processes.find(({ name }) => name === 'redis')!
  process.kill(record.pid, 'SIGKILL')
  while (isAlive(record)) await new Promise((resolve) => setTimeout(resolve, 10))
  const stranger = createServer()
  const port = Number(new URL(before.redisUrl).port)
  // A connection of some other test may have been given this very port in the meantime, and lets go of it again.
  for (let isThere = false; !isThere; ) {
    stranger.listen(port, '127.0.0.1')
    isThere = await once(stranger, 'listening').then(
      () => true,
      (error: NodeJS.ErrnoException) => (error.code === 'EADDRINUSE' ? false : Promise.reject(error)),
    )
    if (!isThere) await new Promise((resolve) => setTimeout(resolve, 50))
  }
  // Stands for a service of a launcher that still runs.
  const service = launch(layout, {
    name: 'catalog',
    kind: 'subgraph',
    command: 'sleep',
    args: ['600'],
    cwd: '/',
    env: { PATH: process.env.PATH },
    url: 'http://127.0.0.1:1',
    logName: 'catalog',
  })
  try {
    const failed = up(pair)
    await expect(failed).rejects.toThrow(`its port ${port} is taken by another program`)
    await expect(failed).rejects.toMatchObject({
      part: 'redis',
      advice: expect.stringMatching(/npx freshet down -p parts-.*npx freshet start -p parts-/),
    })
    expect(
      readState(layout)
        .processes.map(({ name }) => name)
        .sort(),
    ).toEqual(['catalog', 'postgres'])

    await stopProcess(service.record, 'SIGTERM', 5_000)
    const moved = await up(pair)
    expect(moved.postgresAdminUrl).toBe(before.postgresAdminUrl)
    expect(moved.redisUrl).not.toBe(before.redisUrl)
  } finally {
    await stopProcess(service.record, 'SIGKILL', 5_000)
    stranger.close()
    await down({ profile })
  }
  expect(await endedOnes()).toEqual([])
})

test('the Redis of dev lets nobody in without its password', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'freshet-redis-'))
  mkdirSync(join(folder, 'logs'))
  const dev: Layout = {
    profile: 'dev',
    folder,
    logs: join(folder, 'logs'),
    stateFile: join(folder, 'state.json'),
    ownerTag: (name) => `${layout.ownerTag('redis-of-dev')}|${name}`,
  }
  const { record } = await startRedis({ layout: dev, report: () => {} })
  try {
    await pingRedis(record.url)
    const bare = new URL(record.url)
    bare.password = ''
    await expect(pingRedis(bare.href)).rejects.toThrow(/NOAUTH/)
    expect(statSync(join(folder, 'redis.conf')).mode & 0o777).toBe(0o600)
  } finally {
    await stopProcess(record, 'SIGTERM', 5_000)
    rmSync(folder, { recursive: true })
  }
})

test('all missing programs are told at once', async () => {
  const failed = requirePrograms(['postgres', 'redis', 'kafka'], { PATH: '/nowhere' })
  await expect(failed).rejects.toThrow(
    /redis-server \(7.*\n.*java \(17.*\n(.*mvn .*\n)?.*apt-get install redis-server/,
  )
  await expect(requirePrograms(['postgres'], { PATH: '/nowhere' })).resolves.toBeUndefined()
})

test('down finds the processes although the state file is lost', async () => {
  const { postgresAdminUrl } = await up(pair)
  rmSync(layout.stateFile)
  const stopped = await down({ profile })
  expect(stopped.map(({ name }) => name).sort()).toEqual(['postgres', 'redis'])
  await expect(ask(postgresAdminUrl, 'select 1')).rejects.toThrow(/ECONNREFUSED/)
})

test('when one part fails, those that were started with it are stopped, and the error says what to do', async () => {
  await down({ profile })
  const fake = mkdtempSync(join(tmpdir(), 'freshet-java-'))
  const before = process.env.JAVA_HOME
  try {
    process.env.JAVA_HOME = fakeJava(fake, 'openjdk version "11.0.2" 2019-01-15')
    const failed = up({ ...pair, parts: ['postgres', 'redis', 'kafka'] })
    await expect(failed).rejects.toMatchObject({
      code: 'PART_FAILED',
      part: 'kafka',
      advice: expect.stringContaining('JAVA_HOME'),
    })
    await expect(failed).rejects.toThrow(/Java 17 or newer is needed/)
    expect(readState(layout).processes).toEqual([])
  } finally {
    if (before === undefined) delete process.env.JAVA_HOME
    else process.env.JAVA_HOME = before
    rmSync(fake, { recursive: true })
  }
})

test('an aborted up stops what it had started', async () => {
  const controller = new AbortController()
  const aborted = up({ ...pair, signal: controller.signal, report: () => controller.abort() })
  await expect(aborted).rejects.toMatchObject({ code: 'STOPPED' })
  expect(readState(layout).processes).toEqual([])
})

test('a part that a variable names is used, and nothing is started for it', async () => {
  // Straight from jest's set-up: @freshet/testing stands on this package.
  const postgresAdminUrl = process.env.FRESHET_TEST_POSTGRES_ADMIN_URL!
  const redisUrl = process.env.FRESHET_TEST_REDIS_URL!
  const kafkaBrokers = process.env.FRESHET_TEST_KAFKA_BROKERS!
  const env = {
    [externalVariables.postgres]: postgresAdminUrl,
    [externalVariables.redis]: redisUrl,
    [externalVariables.kafka]: kafkaBrokers,
  }
  expect(await up({ profile, env })).toMatchObject({ postgresAdminUrl, redisUrl, kafkaBrokers, started: [] })
  await stopOwn(layout)
  expect(readState(layout).processes).toEqual([])
})

test('every unusable variable is reported at once, without its password', async () => {
  const env = {
    [externalVariables.postgres]: 'postgres://me:secret@127.0.0.1:1/x',
    [externalVariables.redis]: 'http://127.0.0.1',
    [externalVariables.kafka]: 'localhost',
  }
  const failure = await up({ profile, env }).catch((error: Error & { problems: string[] }) => error)
  expect(failure).toMatchObject({ code: 'LOCAL_SETUP_INVALID', problems: { length: 3 } })
  expect((failure as Error).message).toMatch(
    /FRESHET_POSTGRES_URL: .* does not answer \(connection refused\)/,
  )
  expect((failure as Error).message).not.toContain('secret')
})

test('status says which address does not answer, and why', async () => {
  await up({ ...pair, parts: ['redis'] })
  const address = `127.0.0.1:${await freePort(null)}`
  updateState(layout, ([redis]) => [
    { ...redis!, url: `redis://:secret@${address}` },
    { ...redis!, name: 'catalog', kind: 'subgraph', url: `http://${address}` },
  ])
  const problem = `${address} does not answer (connection refused)`
  expect((await status(profile)).map((one) => one.problem)).toEqual([problem, problem])
  await down({ profile })
})

test('logs are new with each start, and the last one is kept', async () => {
  await up({ ...pair, parts: ['redis'] })
  await down({ profile })
  await up({ ...pair, parts: ['redis'] })
  const starts = (file: string) => readFileSync(file, 'utf8').match(/Redis is starting/g)?.length
  expect(starts(join(layout.logs, 'redis.log'))).toBe(1)
  expect(starts(join(layout.logs, 'redis.1.log'))).toBe(1)
})

async function endedOnes() {
  const all = await status(profile)
  return all.flatMap(({ ended }) => (ended === null ? [] : [{ name: ended.name, pid: ended.pid }]))
}

async function ask(url: string, sql: string): Promise<unknown> {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query<Record<string, unknown>>(sql)
    return Object.values(rows[0] ?? {})[0]
  } finally {
    await client.end()
  }
}

function fakeJava(folder: string, version: string): string {
  const program = join(folder, 'bin', 'java')
  rmSync(folder, { recursive: true })
  mkdirSync(join(folder, 'bin'), { recursive: true })
  writeFileSync(program, `#!/bin/sh\necho '${version}' >&2\n`)
  chmodSync(program, 0o755)
  return folder
}

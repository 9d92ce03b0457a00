import { spawn } from 'node:child_process'
import { join } from 'node:path'
import { down, identify, isAlive, knownProfiles, layoutOf, readState, removeProfile } from '@freshet/local'
import { eventually } from '@freshet/testing'
import { afterAll, expect, test } from '@jest/globals'
import { runFreshet } from './run-freshet.ts'

const profile = `commands-${process.pid}`

afterAll(() => removeProfile(profile))

async function freshet(args: string[], env: NodeJS.ProcessEnv = {}) {
  const run = runFreshet(args, env)
  return { code: await run.ended, output: run.output() }
}

test('up starts a part and leaves it, status and logs show it, down ends it', async () => {
  const up = await freshet(['up', 'redis', '-p', profile])
  expect(up).toMatchObject({ code: 0, output: expect.stringMatching(/redis is ready/) })
  expect(await freshet(['up', 'redis', '-p', profile])).toMatchObject({
    output: expect.stringMatching(/everything ran already/),
  })

  const shown = await freshet(['status', '--json', '-p', profile])
  expect(JSON.parse(shown.output)).toEqual([
    expect.objectContaining({ profile, name: 'redis', problem: null }),
  ])
  expect((await freshet(['logs', 'redis', '-p', profile])).output).toMatch(/Ready to accept connections/)
  expect(await freshet(['logs', 'nothing', '-p', profile])).toMatchObject({
    code: 1,
    output: 'no log of nothing; there are: redis\n',
  })

  expect(await freshet(['down', '-p', profile])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/stopped redis/),
  })
  expect(readState(layoutOf(profile)).processes).toEqual([])
  expect(await freshet(['status', '-p', profile])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/nothing is running/),
  })
})

test('url prints the address of a part, password and all, and of PostgreSQL that of the services', async () => {
  await freshet(['up', 'redis', '-p', profile])
  const { url } = readState(layoutOf(profile)).processes[0]!
  expect(await freshet(['url', 'redis', '-p', profile])).toEqual({ code: 0, output: `${url}\n` })
  const elsewhere = { FRESHET_POSTGRES_URL: 'postgres://postgres:secret@127.0.0.1:1/postgres' }
  expect(await freshet(['url', 'postgres', '-p', profile], elsewhere)).toEqual({
    code: 0,
    output: 'postgres://postgres:secret@127.0.0.1:1/freshet\n',
  })
  expect(await freshet(['url', 'kafka', '-p', profile])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^kafka does not run here/),
  })
})

test('logs --previous shows what was logged before the last start', async () => {
  await freshet(['up', 'redis', '-p', profile])
  await freshet(['down', '-p', profile])
  await freshet(['up', 'redis', '-p', profile])
  expect((await freshet(['logs', 'redis', '-p', profile])).output).not.toMatch(/ready to exit/)
  const former = await freshet(['logs', 'redis', '--previous', '-n', '1', '-p', profile])
  expect(former).toMatchObject({ code: 0, output: expect.stringMatching(/^.*ready to exit.*\n$/) })
  expect(await freshet(['logs', 'redis', '--previous', '9', '-p', profile])).toMatchObject({
    code: 1,
    output: 'no such former log of redis; there are: none\n',
  })
})

test('logs -f prints what is added, also after a restart', async () => {
  await freshet(['up', 'redis', '-p', profile])
  const logs = runFreshet(['logs', 'redis', '-f', '-n', '1', '-p', profile])
  await logs.printed(/Ready to accept/)
  await freshet(['down', '-p', profile])
  await logs.printed(/ready to exit/)
  await freshet(['up', 'redis', '-p', profile])
  await logs.printed(/Redis is starting/)
  logs.child.kill('SIGINT')
  await logs.ended
})

test('every unusable variable is listed, and the exit code is 1', async () => {
  const env = {
    FRESHET_POSTGRES_URL: 'mysql://x',
    FRESHET_REDIS_URL: 'redis://127.0.0.1:1',
    FRESHET_KAFKA_BROKERS: 'x',
  }
  const { code, output } = await freshet(['up', '-p', profile], env)
  expect(code).toBe(1)
  for (const name of Object.keys(env)) expect(output).toContain(name)
  expect(output).not.toMatch(/ at .*\.ts:\d+/)
})

test('start lists everything that is wrong with the environment, before it starts anything', async () => {
  const env = {
    LOG_LEVEL: 'loud',
    MAX_DEPTH: 'deep',
    OTEL_TRACES_SAMPLER: 'sometimes',
    FRESHET_REDIS_URL: 'redis://127.0.0.1:1',
  }
  const { code, output } = await freshet(['start', '-p', profile], env)
  expect(code).toBe(1)
  expect(output).toMatch(/^The environment has 4 problems; nothing was started$/m)
  for (const name of Object.keys(env)) expect(output).toContain(`- ${name}`)
  expect(output).not.toMatch(/starting|stopping/)
})

test('an unknown command or bench is an error that names what there is', async () => {
  expect(await freshet(['upp'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('Did you mean up?'),
  })
  expect(await freshet(['bench', 'nothing'])).toMatchObject({
    code: 1,
    output: expect.stringContaining('no bench nothing'),
  })
})

test('--version, the benches with what they measure, and services that do not exist', async () => {
  expect(await freshet(['--version'])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^\d+\.\d+\.\d+\n$/),
  })
  expect(await freshet(['bench'])).toMatchObject({
    code: 0,
    output: expect.stringMatching(/^product-page +\S+ \S+/m),
  })
  // The gateway consumes, and has no outbox.
  for (const [command, names] of [
    ['parked', 'analytics, catalog, users'],
    ['dead-letters', 'analytics, catalog, users, gateway'],
    ['replay', 'analytics, catalog, users, gateway'],
  ] as const)
    expect(await freshet(['events', command, 'nope', '-p', profile])).toEqual({
      code: 1,
      output: `no service nope; there are ${names}\n`,
    })
  expect(await freshet(['restart', 'catalog', '-p', profile])).toMatchObject({
    code: 1,
    output: expect.stringContaining('no service runs here'),
  })
})

test('a profile that is not there is an error that lists those that are, unless it begins now', async () => {
  const up = await freshet(['up', 'redis', '-p', profile])
  expect(up.output).not.toContain('new profile')
  const unknown = `${profile}-typo`
  for (const args of [['status'], ['down'], ['logs'], ['trace'], ['restart', 'catalog'], ['events', 'lag']]) {
    const { code, output } = await freshet([...args, '-p', unknown])
    expect({ args, code, output }).toMatchObject({
      code: 1,
      output: expect.stringMatching(`There is no such profile; there are dev,.*${profile}[,.]`),
    })
  }
  expect(knownProfiles()).not.toContain(unknown)
  await down({ profile })
  await removeProfile(profile)
  expect(await freshet(['up', 'redis', '-p', profile])).toMatchObject({
    code: 0,
    output: expect.stringContaining(`${profile} is a new profile: it begins empty\n`),
  })
})

test('restart without a name says which there are', async () => {
  expect(await freshet(['restart'])).toEqual({
    code: 1,
    output: expect.stringMatching(/expects a service: .*analytics.*catalog/),
  })
})

test('restart says of a part what to do instead', async () => {
  await freshet(['up', 'redis', '-p', profile])
  expect(await freshet(['restart', 'redis', '-p', profile])).toEqual({
    code: 1,
    output: expect.stringMatching(
      /^restart is for services; redis is a part.* `kill -TERM \d+`.*freshet up redis/,
    ),
  })
  await freshet(['down', '-p', profile])
  expect(await freshet(['restart', 'redis', '-p', profile])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/^redis does not run here/),
  })
})

test('status shows what has died until down', async () => {
  await freshet(['up', 'redis', '-p', profile])
  const redis = readState(layoutOf(profile)).processes[0]!
  process.kill(redis.pid, 'SIGKILL')
  await eventually(() => expect(isAlive(redis)).toBe(false))
  expect(await freshet(['status', '-p', profile])).toMatchObject({
    code: 1,
    output: expect.stringMatching(/redis .* ENDED \(nobody saw how; noticed /),
  })
  await freshet(['down', '-p', profile])
  expect((await freshet(['status', '-p', profile])).output).toMatch(/nothing is running/)
})

test('a reader that goes away ends a command without a word', async () => {
  await freshet(['up', 'redis', '-p', profile])
  const run = runFreshet(['logs', 'redis', '-f', '-p', profile])
  await run.printed(/Redis is starting/)
  run.child.stdout!.destroy()
  await freshet(['down', '-p', profile])
  await run.ended
  expect(run.output()).not.toMatch(/EPIPE|Error/)
})

const followLogs = `"$0" "$1" logs redis -f -p ${profile} & echo $!; wait`

test.each([
  // The outer shell stands for npm; what it starts goes on when it is killed.
  ['as its child', followLogs],
  ['with a shell between', `/bin/sh -c '${followLogs}' "$0" "$1"; true`],
])('what npm ran ends with npm, %s', async (_where, script) => {
  await freshet(['up', 'redis', '-p', profile])
  const program = join(import.meta.dirname, '..', 'bin', 'freshet.mjs')
  const npm = spawn('/bin/sh', ['-c', script, process.execPath, program], {
    env: { PATH: process.env.PATH, npm_command: 'run' },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let output = ''
  npm.stdout.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const pid = /^\d+$/m
  // In either order: the shell may be slow to say what it has started.
  await eventually(() => {
    expect(output).toContain('Redis is starting')
    expect(output).toMatch(pid)
  })
  const launcher = identify(Number(pid.exec(output)![0]))!
  npm.kill('SIGKILL')
  await eventually(() => expect(isAlive(launcher)).toBe(false))
})

const interrupts = join(import.meta.dirname, '..', 'src', 'interrupts.ts')
const listener = `
  const { listenForInterrupts } = await import(${JSON.stringify(interrupts)})
  const { interrupted, onForce } = listenForInterrupts()
  onForce(async () => console.log('forced'))
  for (const name of ['SIGINT', 'SIGTERM']) process.on(name, () => console.log('heard ' + name))
  setInterval(() => {}, 1000)
  console.log('listening')
  console.log('stopping: ' + (await interrupted))
`

function listen() {
  const child = spawn(process.execPath, ['--input-type=module', '-e', listener], {
    stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
  })
  let output = ''
  child.stdout!.setEncoding('utf8').on('data', (text: string) => {
    output += text
  })
  const printed = (text: string) => eventually(() => expect(output).toContain(text))
  const closed = new Promise((resolve) => child.once('close', resolve))
  return { child, printed, closed, output: () => output }
}

test('two signals at once are one interruption, a later one is not waited for', async () => {
  const { child, printed, closed, output } = listen()
  await printed('listening')
  // At once for the one that hears them, however long this one takes to send both.
  child.kill('SIGSTOP')
  child.kill('SIGINT')
  child.kill('SIGTERM')
  child.kill('SIGCONT')
  for (const line of ['heard SIGINT', 'heard SIGTERM', 'stopping: ']) await printed(line)
  expect(output()).not.toContain('forced')
  // What comes half a second later is meant.
  await eventually(() => {
    child.kill('SIGINT')
    expect(output()).toContain('forced')
  })
  expect(await closed).toBe(130)
})

test.each([
  ['SIGINT', 'Ctrl-C (SIGINT)'],
  ['SIGTERM', 'SIGTERM was sent to it'],
  ['SIGHUP', 'its terminal was closed (SIGHUP)'],
] as const)('%s is told as %s', async (signal, cause) => {
  const { child, printed, closed } = listen()
  await printed('listening')
  child.kill(signal)
  await printed(`stopping: ${cause}\n`)
  child.kill('SIGKILL')
  await closed
})

test('the end of npm is told as such, not as the signal that comes with it', async () => {
  const { child, printed, closed } = listen()
  await printed('listening')
  child.send({ ended: 'npm (process 7)' }, () => child.kill('SIGTERM'))
  await printed('stopping: npm (process 7), which ran this, has ended\n')
  child.kill('SIGKILL')
  await closed
})

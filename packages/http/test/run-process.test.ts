import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { text } from 'node:stream/consumers'
import { startOtlpReceiver } from '@freshet/telemetry/otlp-receiver'
import { afterEach, expect, test } from '@jest/globals'

const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href)
const telemetry = (file: string) => new URL(`../../telemetry/src/${file}`, import.meta.url).href
const running: ChildProcess[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

/** A process that runs `body`; `say` writes a line that `until` waits for. With `collector`, it is traced. */
function run(body: string, { collector }: { collector?: string } = {}) {
  const script = `import { createHttpServer, runProcess } from ${index}
    const say = (line) => process.stdout.write('> ' + line + '\\n')
    ${body}`
  const traced = collector === undefined ? [] : ['--import', telemetry('register.ts')]
  const child = spawn(process.execPath, [...traced, '--input-type=module', '--eval', script], {
    env: {
      ...process.env,
      // The timer of the exporter never comes: what arrives was flushed.
      ...(collector && { OTEL_EXPORTER_OTLP_ENDPOINT: collector, OTEL_BSP_SCHEDULE_DELAY: '600000' }),
    },
  })
  running.push(child)
  // From the beginning: it may have ended before anybody asks how.
  const closed = once(child, 'close') as Promise<[status: number | null, signal: string | null]>
  let seen = ''
  child.stdout.on('data', (chunk) => {
    seen += chunk
  })
  return {
    child,
    stderr: text(child.stderr),
    stdout: () => seen,
    until: async (line: string) => {
      while (!seen.includes(`> ${line}\n`)) {
        if (child.exitCode !== null) throw new Error(`the process has ended before it said ${line}`)
        await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      }
    },
    exit: async () => {
      const [status, signal] = await closed
      return { status, signal }
    },
  }
}

test.each(['SIGTERM', 'SIGINT'] as const)('%s closes once and exits with 0', async (signal) => {
  const { child, until, exit, stdout } = run(`
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 60_000 }, start: async () => {
      setInterval(() => {}, 1000)
      return { close: async () => { say('closing'); await new Promise((r) => setTimeout(r, 100)); say('closed') } }
    } })
    say('started')`)
  await until('started')
  child.kill(signal)
  await until('closing')
  child.kill('SIGINT')
  child.kill('SIGTERM')
  expect(await exit()).toEqual({ status: 0, signal: null })
  expect(stdout().match(/> closing/g)).toHaveLength(1)
  expect(stdout()).toContain('> closed')
})

test('a request in flight is answered before the process ends', async () => {
  const { child, until, exit, stdout } = run(`
    import { createLogger } from ${JSON.stringify(telemetry('index.ts'))}
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 60_000 }, start: async () => {
      const server = createHttpServer({ name: 'x', logger: createLogger('x', { level: 'silent' }), checks: {} })
      server.app.get('/slow', async () => { say('working'); await new Promise((r) => setTimeout(r, 200)); return { done: true } })
      say('at ' + await server.listen({ host: '127.0.0.1', port: 0 }))
      return server
    } })
    say('started')`)
  await until('started')
  const url = /> at (\S+)/.exec(stdout())![1]
  const answer = fetch(`${url}/slow`)
  await until('working')
  child.kill('SIGTERM')
  expect(await (await answer).json()).toEqual({ done: true })
  expect(await exit()).toEqual({ status: 0, signal: null })
})

test.each([
  ['a signal', 0, `process.kill(process.pid, 'SIGTERM')`],
  ['an unhandled rejection', 1, `void Promise.reject(new Error('lost'))`],
])('the spans of a process that %s ends are flushed first', async (_what, status, ending) => {
  const collector = await startOtlpReceiver()
  try {
    const { exit } = run(
      `import { withSpan } from ${JSON.stringify(telemetry('index.ts'))}
      await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 60_000 }, start: async () => {
        setInterval(() => {}, 1000)
        return { close: async () => withSpan('x', 'closing', {}, async () => {}) }
      } })
      await withSpan('x', 'work', {}, async () => {})
      ${ending}`,
      { collector: collector.url },
    )
    expect(await exit()).toEqual({ status, signal: null })
    const names = status === 0 ? ['work', 'closing'] : ['work']
    expect(collector.spans().map(({ name }) => name)).toEqual(names)
  } finally {
    await collector.close()
  }
})

test('a close that hangs ends after the grace period with 1', async () => {
  const { child, until, exit, stdout } = run(`
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 0 }, start: async () => ({ close: () => new Promise(() => {}) }) })
    setInterval(() => {}, 1000)
    say('started')`)
  await until('started')
  child.kill('SIGTERM')
  expect(await exit()).toEqual({ status: 1, signal: null })
  expect(stdout()).toContain('closing takes too long')
})

test('a close that fails is logged and exits with 1', async () => {
  const { child, until, exit, stdout } = run(`
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 100 }, start: async () => ({ close: async () => { throw new Error('stuck') } }) })
    setInterval(() => {}, 1000)
    say('started')`)
  await until('started')
  child.kill('SIGTERM')
  expect(await exit()).toEqual({ status: 1, signal: null })
  expect(stdout()).toMatch(/"err":\{.*"stuck".*"closing failed"/)
})

test('a signal that comes during the start closes what was started', async () => {
  const { child, until, exit, stdout } = run(`
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 60_000 }, start: async () => {
      say('starting'); await new Promise((r) => setTimeout(r, 300))
      return { close: async () => say('closed') }
    } })`)
  await until('starting')
  child.kill('SIGTERM')
  expect(await exit()).toEqual({ status: 0, signal: null })
  expect(stdout()).toContain('> closed')
})

test('a start that fails says why, with its causes and without credentials, and exits with 1', async () => {
  const { exit, stderr } = run(`
    await runProcess({ name: 'catalog', shutdown: { drainMs: 0, graceMs: 100 }, start: async () => {
      throw new Error('the database is not reachable', { cause: new Error('refused: postgres://u:hunter2@db/x') })
    } })`)
  expect(await exit()).toEqual({ status: 1, signal: null })
  expect(await stderr).toBe(
    'catalog could not start: the database is not reachable\n  because: refused: postgres://***@db/x\n',
  )
})

test('a start that fails after a signal exits with 1', async () => {
  const { child, until, exit, stdout } = run(`
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 60_000 }, start: async () => {
      say('starting'); await new Promise((r) => setTimeout(r, 200)); throw new Error('no database')
    } })`)
  await until('starting')
  child.kill('SIGTERM')
  expect(await exit()).toEqual({ status: 1, signal: null })
  expect(stdout()).toContain('no database')
})

test('a start that throws at once is a start that failed', async () => {
  const { exit, stderr } = run(`
    await runProcess({ name: 'catalog', shutdown: { drainMs: 0, graceMs: 100 }, start: () => { throw new Error('no') } })`)
  expect(await exit()).toEqual({ status: 1, signal: null })
  expect(await stderr).toBe('catalog could not start: no\n')
})

test.each([
  ['rejection', 'void Promise.reject(new Error("lost"))'],
  ['exception', 'setTimeout(() => { throw new Error("lost") }, 10)'],
])('an unhandled %s is logged and exits with 1', async (what, code) => {
  const { exit, stdout } = run(`
    await runProcess({ name: 'x', shutdown: { drainMs: 0, graceMs: 100 }, start: async () => ({ close: async () => {} }) })
    setInterval(() => {}, 1000)
    ${code}`)
  expect(await exit()).toEqual({ status: 1, signal: null })
  expect(stdout()).toMatch(new RegExp(`"level":"fatal".*"lost".*${what}`))
})

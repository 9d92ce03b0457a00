import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import { text } from 'node:stream/consumers'
import { fileURLToPath } from 'node:url'
import { expect, test } from '@jest/globals'
import { startOtlpReceiver } from '../src/otlp-receiver/index.ts'

const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href)

/** Runs a script with register; resolves with what it printed and how it ended. */
async function run(body: string, env: NodeJS.ProcessEnv = {}) {
  const script = `import { createLogger, metricsText, shutdownTelemetry, traceCarrier, untraced, withSpan } from ${index}
    const wait = (ms) => new Promise((resolve) => setTimeout(resolve, ms))
    ${body}`
  const child = spawn(
    process.execPath,
    ['--import', '@freshet/telemetry/register', '--input-type=module', '--eval', script],
    {
      cwd: fileURLToPath(new URL('..', import.meta.url)),
      env: { PATH: process.env.PATH, OTEL_SERVICE_NAME: 'script', ...env },
    },
  )
  const [stdout, stderr, [status]] = await Promise.all([
    text(child.stdout),
    text(child.stderr),
    once(child, 'close'),
  ])
  return { status, stderr, lines: stdout.split('\n').filter(Boolean) }
}

/** A port that answers nobody: either it refuses, or it accepts and stays silent. */
async function withDeadPort<T>(sort: 'refusing' | 'silent', use: (url: string) => Promise<T>): Promise<T> {
  const sockets: Socket[] = []
  const server = createServer((socket) => sockets.push(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as { port: number }
  if (sort === 'refusing') {
    server.close()
    await once(server, 'close')
  }
  try {
    return await use(`http://127.0.0.1:${port}`)
  } finally {
    if (sort === 'silent') server.close()
    for (const socket of sockets) socket.destroy()
  }
}

test.each(['refusing', 'silent'] as const)(
  'a %s collector is one line in the log, and slows nothing',
  async (sort) => {
    const { status, stderr, lines } = await withDeadPort(sort, (url) =>
      run(
        `for (let i = 0; i < 8; i++) { await withSpan('t', 's', {}, () => {}); await wait(60) }
       await shutdownTelemetry()
       console.log('shut down')
       process.exit(0)`,
        {
          OTEL_EXPORTER_OTLP_ENDPOINT: url,
          OTEL_BSP_SCHEDULE_DELAY: '20',
          OTEL_EXPORTER_OTLP_TIMEOUT: '100',
        },
      ),
    )
    expect([status, stderr]).toEqual([0, ''])
    const warnings = lines
      .filter((line) => line.startsWith('{'))
      .map((line) => JSON.parse(line) as { msg: string; level: string })
    expect(warnings).toEqual([
      expect.objectContaining({ level: 'warn', msg: expect.stringContaining('can not be exported') }),
    ])
    expect(lines).toContain('shut down')
  },
)

test('a collector that hangs does not hold up a shutdown until its own time-outs have passed', async () => {
  const { lines } = await withDeadPort('silent', (url) =>
    run(
      `await withSpan('t', 's', {}, () => {})
       // As long as the exporter would wait for an answer.
       setTimeout(() => console.log('timed out'), 10_000)
       await shutdownTelemetry()
       console.log('shut down'); process.exit(0)`,
      { OTEL_EXPORTER_OTLP_ENDPOINT: url },
    ),
  )
  expect(lines).toContain('shut down')
  expect(lines).not.toContain('timed out')
})

test('without a collector spans are made, passed on and logged, and nothing is sent', async () => {
  const { status, lines, stderr } = await run(
    `await withSpan('t', 's', {}, () => { console.log(traceCarrier().traceparent); createLogger('x').info('in') })`,
  )
  expect([status, stderr, lines.length]).toEqual([0, '', 2])
  expect(lines[0]).toMatch(/^00-[0-9a-f]{32}-[0-9a-f]{16}-01$/)
  expect(JSON.parse(lines[1]!)).toMatchObject({ msg: 'in', trace_id: lines[0]!.split('-')[1] })
})

test('a program that just ends exports its spans', async () => {
  const receiver = await startOtlpReceiver()
  try {
    const { status } = await run(`await withSpan('t', 'migrate', {}, () => {})`, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
    })
    expect(status).toBe(0)
    expect(receiver.spans()).toMatchObject([{ name: 'migrate', service: 'script', scope: 't' }])
  } finally {
    await receiver.close()
  }
})

test('spans record errors, links and the trace they continue; untraced work makes none', async () => {
  const receiver = await startOtlpReceiver()
  const parent = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
  try {
    await run(
      `const parent = { traceparent: Buffer.from('${parent}') }
       await withSpan('t', 'continued', { parent, kind: 'consumer', links: [{ traceparent: '00-${'c'.repeat(32)}-${'d'.repeat(16)}-01' }, { traceparent: 'nonsense' }, {}] }, async () => {
         await withSpan('t', 'child', {}, () => {})
         await untraced(() => withSpan('t', 'hidden', {}, () => {}))
       })
       await withSpan('t', 'failed', { parent: { traceparent: 'nonsense' } }, () => { throw Object.assign(new Error('no'), { code: 'E_NO' }) }).catch((error) => console.log(error.message))
       await withSpan('t', 'unsampled', { parent: { traceparent: '${parent.slice(0, -1)}0' } }, () => {})`,
      { OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url },
    )
    const byName = Object.fromEntries(receiver.spans().map((span) => [span.name, span]))
    expect(Object.keys(byName).sort()).toEqual(['child', 'continued', 'failed'])
    expect(byName.continued).toMatchObject({
      traceId: 'a'.repeat(32),
      parentSpanId: 'b'.repeat(16),
      kind: 'consumer',
      links: [{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }],
    })
    expect(byName.child).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: byName.continued!.spanId })
    expect(byName.failed).toMatchObject({
      parentSpanId: undefined,
      status: { code: 'error', message: 'no' },
      attributes: { 'error.type': 'E_NO' },
      events: [{ name: 'exception' }],
    })
  } finally {
    await receiver.close()
  }
})

test.each([
  ['always_off', '', 0],
  ['traceidratio', '0', 0],
  ['parentbased_traceidratio', '0', 0],
  ['traceidratio', '1', 1],
  ['traceidratio', 'nonsense', 1],
  ['nonsense', '', 1],
])('OTEL_TRACES_SAMPLER=%s with %j is obeyed', async (sampler, argument, exported) => {
  const receiver = await startOtlpReceiver()
  try {
    await run(`await withSpan('t', 's', {}, () => {})`, {
      OTEL_EXPORTER_OTLP_ENDPOINT: receiver.url,
      OTEL_TRACES_SAMPLER: sampler,
      OTEL_TRACES_SAMPLER_ARG: argument,
    })
    expect(receiver.spans()).toHaveLength(exported)
  } finally {
    await receiver.close()
  }
})

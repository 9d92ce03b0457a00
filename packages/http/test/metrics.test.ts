import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { expect, test } from '@jest/globals'

const index = JSON.stringify(new URL('../src/index.ts', import.meta.url).href)
const telemetry = new URL('../../telemetry/src/', import.meta.url)

test('requests are measured by route, method and status, and in flight; probes and unknown paths add no labels', async () => {
  const script = `import { createHttpServer } from ${index}
    import { createLogger } from ${JSON.stringify(new URL('index.ts', telemetry).href)}
    const server = createHttpServer({ name: 'x', logger: createLogger('x'), checks: {} })
    server.app.get('/things/:id', async () => ({}))
    server.app.get('/slow', () => new Promise(() => {}))
    server.app.get('/broken', async () => { throw new Error('no') })
    console.log('at ' + await server.listen({ host: '127.0.0.1', port: 0 }))`
  const child = spawn(process.execPath, [
    '--import',
    new URL('register.ts', telemetry).href,
    '--input-type=module',
    '--eval',
    script,
  ])
  try {
    const lines: string[] = []
    createInterface(child.stdout).on('line', (line) => lines.push(line))
    const line = async (part: string) => {
      for (;;) {
        const found = lines.find((printed) => printed.includes(part))
        if (found !== undefined) return found
        if (child.exitCode !== null) throw new Error(`the process has ended with ${child.exitCode}`)
        await Promise.race([once(child.stdout, 'data'), once(child, 'exit')])
      }
    }
    const url = (await line('at http')).match(/http:\/\/[\d.:]+/)![0]
    for (const path of ['/things/1', '/things/2', '/readyz', '/nothing/1', '/nothing/2'])
      await (await fetch(url + path)).text()
    const failed = (await (await fetch(`${url}/broken`)).json()) as {
      errors: [{ extensions: { traceId: string } }]
    }
    const aborted = new AbortController()
    const slow = fetch(`${url}/slow`, { signal: aborted.signal }).catch(() => 'aborted')
    const inFlight = async () =>
      /^http_server_active_requests\{.*http_route="\/slow"\} (\d)/m.exec(
        await (await fetch(`${url}/metrics`)).text(),
      )?.[1]
    while ((await inFlight()) !== '1');
    aborted.abort()
    expect(await slow).toBe('aborted')
    while ((await inFlight()) !== '0');

    const metrics = await (await fetch(`${url}/metrics`)).text()
    const counts = [...metrics.matchAll(/^http_server_request_duration_seconds_count\{(.*)\} (\d+)$/gm)].map(
      ([, labels = '', count]) => {
        const label = (name: string) => new RegExp(`${name}="([^"]*)"`).exec(labels)?.[1] ?? '-'
        return `${label('http_request_method')} ${label('http_route')} ${label('http_response_status_code')}: ${count}`
      },
    )
    expect(counts).toEqual(
      expect.arrayContaining(['GET /things/:id 200: 2', 'GET /broken 500: 1', 'GET - 404: 2']),
    )
    expect(metrics).not.toContain('/things/1')
    expect(metrics).not.toContain('/nothing')
    expect(counts.join()).not.toContain('/readyz')

    // The masked error and its log line name the same trace.
    expect(JSON.parse(await line('a request failed'))).toMatchObject({
      level: 'error',
      route: '/broken',
      trace_id: failed.errors[0].extensions.traceId,
    })
  } finally {
    child.kill('SIGKILL')
    await once(child, 'close')
  }
})

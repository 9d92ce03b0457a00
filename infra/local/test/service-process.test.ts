import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { layoutOf, readState, removeProfile, workspaceRoot } from '../src/index.ts'
import { freePort } from '../src/ports.ts'
import { createServiceProcess, type ServiceProcess } from '../src/service-process.ts'

const profile = `service-${process.pid}`
const layout = layoutOf(profile)
const folder = mkdtempSync(join(tmpdir(), 'freshet-service-'))
const crashes: { name: string; reason: string; logTail: string[] }[] = []

// The smallest service: ready at once, tells what it was told, dies when asked.
const source = `
import { createServer } from 'node:http'
if (process.env.REFUSE) { console.log('cannot go on: ' + process.env.REFUSE); process.exit(1) }
createServer((request, response) => {
  if (request.url === '/die') { console.log('dying'); process.exit(3) }
  if (!process.env.STRANGER) response.setHeader('x-process-id', process.pid)
  response.end(request.url === '/readyz' ? '{"status":"ok"}' : process.env.GREETING)
}).listen(Number(process.env.PORT), '127.0.0.1')
`

async function service(env: NodeJS.ProcessEnv): Promise<ServiceProcess> {
  mkdirSync(join(folder, 'src'), { recursive: true })
  mkdirSync(join(folder, 'node_modules', '@freshet'), { recursive: true })
  writeFileSync(join(folder, 'src', 'main.ts'), source)
  const telemetry = join(folder, 'node_modules', '@freshet', 'telemetry')
  rmSync(telemetry, { force: true })
  symlinkSync(join(workspaceRoot, 'packages', 'telemetry'), telemetry)
  const port = await freePort(null)
  return createServiceProcess({
    layout,
    manifest: { name: 'example', kind: 'subgraph', port, topics: [], folder },
    group: 'test',
    url: `http://127.0.0.1:${port}`,
    logName: 'example',
    env: { PATH: process.env.PATH, PORT: String(port), ...env },
    onCrash: (crash) => crashes.push(crash),
  })
}

async function greeting(of: ServiceProcess): Promise<string> {
  return (await fetch(of.url)).text()
}

afterAll(async () => {
  await removeProfile(profile)
  rmSync(folder, { recursive: true })
})

test('a service starts, is killed, comes back on the same port with other settings, and stops', async () => {
  const example = await service({ GREETING: 'hello' })
  await example.start()
  expect(await greeting(example)).toBe('hello')
  expect(readState(layout).processes.map(({ name, pid }) => [name, pid])).toEqual([['example', example.pid]])
  await example.kill()
  expect(example.pid).toBeNull()
  await expect(greeting(example)).rejects.toThrow()
  await example.restart({ GREETING: 'again' })
  expect(await greeting(example)).toBe('again')
  await example.stop()
  expect(readState(layout).processes).toEqual([])
  expect(crashes).toEqual([])
})

test('another process that answers on the port is not taken for the service', async () => {
  const stranger = await service({ STRANGER: 'yes' })
  const controller = new AbortController()
  const starting = stranger.start(controller.signal)
  starting.catch(() => {})
  const answered = async () => (await fetch(stranger.url).catch(() => null))?.ok === true
  while (!(await answered())) await new Promise((resolve) => setImmediate(resolve))
  await fetch(`${stranger.url}/readyz`)
  controller.abort(new Error('still waiting'))
  await expect(starting).rejects.toThrow()
  await stranger.stop()
})

test('a service that dies by itself is reported with the end of its log', async () => {
  const example = await service({ GREETING: 'hello' })
  await example.start()
  await fetch(`${example.url}/die`).catch(() => {})
  const { promise, resolve } = Promise.withResolvers<void>()
  const poll = setInterval(() => crashes.length > 0 && resolve(), 20)
  await promise
  clearInterval(poll)
  expect(crashes).toEqual([
    expect.objectContaining({ name: 'example', reason: 'ended with exit code 3', logTail: ['dying'] }),
  ])
  expect(example.pid).toBeNull()
  expect(readState(layout).ended).toEqual([
    expect.objectContaining({ name: 'example', reason: 'ended with exit code 3' }),
  ])
  await example.start()
  expect(readState(layout).ended).toEqual([])
  await example.stop()
})

test('a service that ends while starting fails with its reason', async () => {
  const example = await service({ REFUSE: 'no database' })
  await expect(example.start()).rejects.toMatchObject({
    code: 'PART_FAILED',
    part: 'example',
    logTail: expect.arrayContaining(['cannot go on: no database']),
  })
  await example.stop()
})

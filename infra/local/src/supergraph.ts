import { randomBytes } from 'node:crypto'
import { join } from 'node:path'
import { inherited } from './environment.ts'
import { PartError } from './errors.ts'
import { type Layout, layoutOf, type Profile, workspaceRoot } from './layout.ts'
import { readManifests, type ServiceManifest } from './manifests.ts'
import { freePort } from './ports.ts'
import { createServiceProcess, type ServiceProcess } from './service-process.ts'
import type { Parts } from './up.ts'

/** Options of {@link startSupergraph}. */
export type SupergraphOptions = {
  /** Where the logs and the records go. Default `test`. */
  profile?: Profile
  parts: Pick<Parts, 'redisUrl' | 'kafkaBrokers'>
  /** The address of the (provisioned, migrated) database for a service's role. */
  databaseUrl: (service: string) => string
  /** Subgraphs to start; all when left out. The gateway is always there and knows only these. */
  services?: readonly string[]
  /** How many processes of the gateway: `gateway`, `gateway-2`, `gateway-3`. They share the subgraphs and Redis. Default 1. */
  gateways?: number
  /** `usual`: the ports of the manifests where they are free; else any free ones. */
  ports?: 'usual' | 'free'
  /** Like `usual`, moved so that the gateway gets this one. */
  basePort?: number
  /** For every process. */
  env?: NodeJS.ProcessEnv
  /** For one process, by its name; wins over `env`. */
  serviceEnv?: Readonly<Record<string, NodeJS.ProcessEnv>>
  report?: (line: string) => void
  signal?: AbortSignal
  /** A process ended although nobody had asked it to. */
  onCrash?: (crash: { name: string; reason: string; log: string; logTail: string[] }) => void
}

/** A running gateway with its subgraphs. */
export type Supergraph = {
  /** The first one's. */
  gatewayUrl: string
  /** Of every gateway, in the order of their names. */
  gatewayUrls: readonly string[]
  /** Every process by name, the gateways included. */
  services: Readonly<Record<string, ServiceProcess>>
  /** What the gateway signs its calls with, to call a subgraph directly. */
  subgraphSecret: string
  /** Stops the gateway, then the subgraphs; resolves when they are gone. */
  close: () => Promise<void>
}

/**
 * Starts every subgraph and the gateway as processes and waits until each says that it is ready. When one fails, the
 * others are stopped and the error holds the end of its log.
 */
export async function startSupergraph(options: SupergraphOptions): Promise<Supergraph> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await start(options)
    } catch (error) {
      // Somebody took a port between our look at it and the service's bind: all of them are chosen anew.
      const raced = error instanceof PartError && error.logTail.some((line) => line.includes('EADDRINUSE'))
      if (!raced || attempt === 3) throw error
    }
  }
}

async function start(options: SupergraphOptions): Promise<Supergraph> {
  const { services, signal, report = () => {} } = options
  const layout = layoutOf(options.profile ?? 'test')
  const manifests = readManifests().filter(
    ({ name, kind }) => kind === 'gateway' || services === undefined || services.includes(name),
  )
  const unknown = (services ?? []).filter((name) => !manifests.some((manifest) => manifest.name === name))
  if (unknown.length > 0) throw new Error(`no such service: ${unknown.join(', ')}`)
  const gateway = manifests.find(({ kind }) => kind === 'gateway')
  if (gateway === undefined) throw new Error('there is no gateway/service.json')
  const gateways = Array.from({ length: options.gateways ?? 1 }, (_, index) => ({
    ...gateway,
    name: index === 0 ? gateway.name : `${gateway.name}-${index + 1}`,
  }))
  const instances = [...manifests.filter(({ kind }) => kind === 'subgraph'), ...gateways]

  const ports = await choosePorts(instances, options)
  const environments = new Map(
    await Promise.all(manifests.map(async (one) => [one.folder, await inherited(one, process.env)] as const)),
  )
  const subgraphSecret = randomBytes(24).toString('base64url')
  const group = randomBytes(4).toString('hex')
  const subgraphs = manifests
    .filter(({ kind }) => kind === 'subgraph')
    .map(({ name, folder }) => ({
      name,
      url: `http://127.0.0.1:${ports.get(name)}/graphql`,
      schema: join(folder, 'schema'),
    }))

  const urlOf = (name: string) => `http://127.0.0.1:${ports.get(name)}`
  const processes = instances.map((manifest) => {
    const own: NodeJS.ProcessEnv =
      manifest.kind === 'gateway'
        ? {
            SUBGRAPHS: JSON.stringify(subgraphs),
            REDIS_URL: options.parts.redisUrl,
            KAFKA_BROKERS: options.parts.kafkaBrokers,
          }
        : {
            DATABASE_URL: options.databaseUrl(manifest.name),
            REDIS_URL: options.parts.redisUrl,
            KAFKA_BROKERS: options.parts.kafkaBrokers,
          }
    return createServiceProcess({
      layout,
      manifest,
      group,
      url: urlOf(manifest.name),
      logName: options.profile !== 'test' ? manifest.name : `${group}-${manifest.name}`,
      env: {
        ...environments.get(manifest.folder),
        ...common(layout),
        HOST: '127.0.0.1',
        PORT: String(ports.get(manifest.name)),
        SUBGRAPH_SECRET: subgraphSecret,
        OTEL_SERVICE_NAME: manifest.kind === 'gateway' ? gateway.name : manifest.name,
        ...own,
        ...options.env,
        ...options.serviceEnv?.[manifest.name],
      },
      onCrash: options.onCrash,
    })
  })
  const close = async () => {
    const stop = (kind: ServiceManifest['kind']) =>
      Promise.all(processes.filter((one) => one.kind === kind).map((one) => one.stop()))
    await stop('gateway')
    await stop('subgraph')
  }

  // One failure ends the wait for the others; the first is the one to tell.
  const failed = new AbortController()
  const stopWaiting = AbortSignal.any([failed.signal, ...(signal === undefined ? [] : [signal])])
  const startTogether = (some: readonly ServiceProcess[]) =>
    Promise.all(
      some.map(async (one) => {
        try {
          await one.start(stopWaiting)
          report(`${one.name} is ready at ${one.url}`)
        } catch (error) {
          failed.abort(error)
        }
      }),
    )
  // The first of each kind leaves its compiled code for the others, which take the cores when these are done with them.
  const isRepeated = ({ name, kind }: ServiceProcess) => kind === 'gateway' && name !== gateway.name
  await startTogether(processes.filter((one) => !isRepeated(one)))
  if (!failed.signal.aborted) await startTogether(processes.filter(isRepeated))
  if (failed.signal.aborted) {
    await close()
    throw failed.signal.reason
  }
  return {
    gatewayUrl: urlOf(gateway.name),
    gatewayUrls: gateways.map(({ name }) => urlOf(name)),
    services: Object.fromEntries(processes.map((one) => [one.name, one])),
    subgraphSecret,
    close,
  }
}

async function choosePorts(
  manifests: readonly ServiceManifest[],
  options: SupergraphOptions,
): Promise<Map<string, number>> {
  const gatewayPort = manifests.find(({ kind }) => kind === 'gateway')?.port ?? 0
  const shift = options.basePort === undefined ? 0 : options.basePort - gatewayPort
  const fixed = options.ports === 'usual' || options.basePort !== undefined
  const chosen = new Map<string, number>()
  for (const { name, port } of manifests) {
    chosen.set(name, await freePort(fixed ? port + shift : null, new Set(chosen.values())))
  }
  return chosen
}

function common(layout: Layout): NodeJS.ProcessEnv {
  return {
    TZ: 'UTC',
    // Compiled code is kept between starts: loading the modules is most of a service's start.
    NODE_COMPILE_CACHE: join(workspaceRoot, '.freshet', 'compile-cache'),
    FRESHET_PROFILE: layout.profile,
  }
}

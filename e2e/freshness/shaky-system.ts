import { type System, startSystem } from '@freshet/cli'
import { layoutOf, stopParts, up } from '@freshet/local'
import { type FaultProxy, type NetworkFault, startFaultProxy } from '@freshet/testing'
import { Redis } from 'ioredis'

/** A whole supergraph with several gateways, each of whose processes has a fault proxy before its Redis and its Kafka. */
export interface ShakySystem extends System {
  /** By the name of the process that goes through it. */
  readonly redis: ReadonlyMap<string, FaultProxy>
  readonly kafka: ReadonlyMap<string, FaultProxy>
  /** Changes the network between these processes (all, when left out) and Redis or Kafka. */
  setNetwork(part: 'redis' | 'kafka', fault: NetworkFault, processes?: readonly string[]): void
  flushRedis(): Promise<void>
  killRedis(): Promise<void>
  /** On the same port, and empty. */
  startRedis(): Promise<void>
}

/** Options of {@link startShakySystem}. */
export interface ShakySystemOptions {
  postgresAdminUrl: string
  /** For sessions, which are no cache: a Redis that stays up, so that there are writes while the other one is away. */
  sessionRedisUrl: string
  /** Default 3. */
  gateways?: number
  env?: NodeJS.ProcessEnv
  report?: (line: string) => void
  signal?: AbortSignal
}

/** Starts it; `close()` ends all of it. */
export async function startShakySystem(options: ShakySystemOptions): Promise<ShakySystem> {
  const { sessionRedisUrl, gateways = 3, env, ...rest } = options
  const doors = Array.from({ length: gateways }, (_, index) =>
    index === 0 ? 'gateway' : `gateway-${index + 1}`,
  )
  const processes = ['users', 'catalog', 'analytics', ...doors]
  const redis = new Map<string, FaultProxy>()
  const kafka = new Map<string, FaultProxy>()
  const closeProxies = () => Promise.all([...redis.values(), ...kafka.values()].map((proxy) => proxy.close()))

  async function throughProxies({ redisUrl, kafkaBrokers }: Pick<System, 'redisUrl' | 'kafkaBrokers'>) {
    const entries = await Promise.all(
      processes.map(async (name) => {
        const redisProxy = await startFaultProxy({ target: redisUrl })
        const kafkaProxy = await startFaultProxy({ target: kafkaBrokers[0]!, protocol: 'kafka' })
        redis.set(name, redisProxy)
        kafka.set(name, kafkaProxy)
        const own = { REDIS_URL: redisProxy.urlOf(redisUrl), KAFKA_BROKERS: kafkaProxy.address }
        return [name, { ...own, ...(name === 'users' && { SESSION_REDIS_URL: sessionRedisUrl }) }] as const
      }),
    )
    return Object.fromEntries(entries)
  }

  let system: System
  try {
    system = await startSystem({
      ...rest,
      gateways,
      env: { LOG_LEVEL: 'warn', ...env },
      serviceEnv: throughProxies,
    })
  } catch (error) {
    await closeProxies()
    throw error
  }
  const layout = layoutOf(system.profile)

  return {
    ...system,
    redis,
    kafka,
    setNetwork(part, fault, names = processes) {
      for (const name of names) (part === 'redis' ? redis : kafka).get(name)!.set(fault)
    },
    async flushRedis() {
      const connection = new Redis(system.redisUrl, { maxRetriesPerRequest: 1 })
      try {
        await connection.flushall()
      } finally {
        connection.disconnect()
      }
    },
    killRedis: () => stopParts(layout, ['redis'], { signal: 'SIGKILL' }),
    async startRedis() {
      await up({ profile: system.profile, parts: ['redis'], env: {} })
    },
    async close() {
      await system.close()
      await closeProxies()
    },
  }
}

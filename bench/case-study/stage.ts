import type { System } from '@freshet/cli'
import { layoutOf, readState } from '@freshet/local'
import type { Step } from './steps.ts'
import type { TwinDatabase } from './twin/database/create-database.ts'
import { startTwin, type Twin } from './twin/start-twin.ts'

/** What answers requests, and what it runs on. */
export interface Side {
  readonly step: Step
  readonly url: string
  /** The database's name. */
  readonly database: string
  readonly isFreshet: boolean
  /** Processes that answer requests; those that they share are told apart. */
  readonly pids: Readonly<Record<'services' | 'redis' | 'kafka' | 'postgres', readonly number[]>>
  /** Where field caches tell what they counted. */
  readonly subgraphUrls: readonly string[]
}

/** One side at a time: what does not answer does not run, or its background work would be the other's load. */
export interface Stage {
  /** @param options.anew though it runs already */
  use(step: Step, options?: { anew?: boolean }): Promise<Side>
  close(): Promise<void>
}

/** @param databases the twin's own and the one with indexes */
export function createStage(system: System, databases: { twin: TwinDatabase; indexes: TwinDatabase }): Stage {
  const services = Object.values(system.services)
  let twin: Twin | undefined
  const closeTwin = async () => {
    await twin?.close()
    twin = undefined
  }
  const part = (profile: string, name: string) =>
    readState(layoutOf(profile)).processes.flatMap((one) => (one.name === name ? [one.pid] : []))

  async function useTwin(step: 'twin' | 'indexes'): Promise<Side> {
    await Promise.all(services.map((service) => service.stop()))
    twin = await startTwin(databases[step])
    return {
      step,
      url: twin.url,
      database: databases[step].name,
      isFreshet: false,
      pids: { services: [twin.pid], redis: [], kafka: [], postgres: part('test', 'postgres') },
      subgraphUrls: [],
    }
  }

  async function useFreshet(step: Exclude<Step, 'twin' | 'indexes'>): Promise<Side> {
    await Promise.all(
      services.map((service) =>
        service.restart({
          CACHE_ENABLED: String(service.kind === 'gateway' ? step === 'response-cache' : step !== 'batching'),
        }),
      ),
    )
    return freshetSide(step)
  }

  function freshetSide(step: Step): Side {
    return {
      step,
      url: system.gatewayUrl,
      database: new URL(system.adminUrl).pathname.slice(1),
      isFreshet: true,
      pids: {
        services: services.flatMap(({ pid }) => (pid === null ? [] : [pid])),
        redis: part(system.profile, 'redis'),
        kafka: part(system.profile, 'kafka'),
        postgres: part('test', 'postgres'),
      },
      subgraphUrls: services.filter(({ kind }) => kind === 'subgraph').map(({ url }) => url),
    }
  }

  // A system starts with everything on.
  let current: Side | undefined = freshetSide('response-cache')
  let changing: Promise<Side> | undefined
  let isClosed = false

  async function change(step: Step): Promise<Side> {
    current = undefined
    await closeTwin()
    current = step === 'twin' || step === 'indexes' ? await useTwin(step) : await useFreshet(step)
    return current
  }

  return {
    async use(step, { anew = false } = {}) {
      if (isClosed) throw new Error('the stage is closed')
      if (current?.step === step && !anew) return current
      changing = change(step)
      return changing
    },
    async close() {
      isClosed = true
      // What is being started would outlive the rest. Whoever asked for it hears how it failed.
      await changing?.catch(() => {})
      await closeTwin()
    },
  }
}

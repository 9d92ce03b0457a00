import { loadConfig } from '@freshet/config'
import type { EventBus } from '@freshet/events'
import { createLogger } from '@freshet/telemetry'
import { parts, uniqueName } from '@freshet/testing'
import { gatewayEnvironment } from '../../src/config.ts'
import { type Gateway, startGateway } from '../../src/gateway.ts'
import { type SmallGraph, secret } from './subgraphs.ts'

/** The environment of a gateway over this graph. */
export function environmentFor(graph: SmallGraph): Record<string, string> {
  const subgraphs = (['users', 'catalog', 'analytics'] as const).map((name) => ({
    name,
    url: `${graph[name].front.url}/graphql`,
    schema: graph[name].schemaFolder,
  }))
  return {
    PORT: '0',
    SUBGRAPH_SECRET: secret,
    REDIS_URL: parts().redisUrl,
    KAFKA_BROKERS: parts().kafkaBrokers.join(','),
    // Of its own: others cache other answers in the same Redis, and join their group on the same Kafka.
    CACHE_DOMAIN: uniqueName('gateway'),
    SUBGRAPHS: JSON.stringify(subgraphs),
    // A test of what hangs shortens them; in any other a busy machine must not look like a service that does.
    SUBGRAPH_TIMEOUT_MS: '10000',
    SESSION_TIMEOUT_MS: '10000',
    CACHE_TIMEOUT_MS: '5000',
    EXPLORER_ENABLED: 'false',
  }
}

export async function startTestGateway(
  graph: SmallGraph,
  env: Record<string, string> = {},
  logger = createLogger('gateway', { level: 'silent' }),
  bus?: EventBus,
): Promise<Gateway> {
  const config = loadConfig(gatewayEnvironment, { ...environmentFor(graph), ...env })
  return startGateway(config, logger, { bus })
}

/** A logger of a test that looks at what is logged, beside the line of each operation. */
export function recordingLogger() {
  const lines: Record<string, unknown>[] = []
  const write = (line: string) => {
    const logged = JSON.parse(line) as Record<string, unknown>
    if (logged.msg !== 'operation') lines.push(logged)
  }
  return { lines, logger: createLogger('gateway', { level: 'info', destination: { write } }) }
}

/** An answer, as a test looks at it. */
export interface Answered {
  readonly status: number
  readonly headers: Headers
  // biome-ignore lint/suspicious/noExplicitAny: a test reads the answer that it asked for.
  readonly data: any
  readonly errors: readonly {
    readonly message: string
    readonly path?: readonly (string | number)[]
    readonly extensions: Record<string, unknown>
  }[]
}

/** Asks over HTTP, as a client does. */
export async function ask(
  gateway: Pick<Gateway, 'url'>,
  query: string | undefined,
  options: { variables?: unknown; headers?: Record<string, string>; body?: unknown } = {},
): Promise<Answered> {
  const { variables, headers, body = { query, variables } } = options
  const response = await fetch(`${gateway.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...headers },
    body: typeof body === 'string' ? body : JSON.stringify(body),
  })
  return read(response)
}

/** Reads any answer; no errors are an empty list. */
export async function read(response: Response): Promise<Answered> {
  const { data, errors } = (await response.json()) as Partial<Pick<Answered, 'data' | 'errors'>>
  return { status: response.status, headers: response.headers, data, errors: errors ?? [] }
}

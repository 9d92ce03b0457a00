import { setTimeout as sleep } from 'node:timers/promises'
import type { Logger } from '@freshet/telemetry'
import { Source } from 'graphql'
import type { SubgraphClient } from '../execution/subgraph-client.ts'
import { parseSchema, type ReadSchema } from './schema-sources.ts'

const QUERY = JSON.stringify({ query: '{ _service { sdl } }' })

/** Asks a subgraph for its own schema, again and again until it answers or the deadline has passed. */
export async function fetchSchema(parts: {
  client: Pick<SubgraphClient, 'name' | 'url' | 'post'>
  deadlineMs: number
  logger: Logger
}): Promise<ReadSchema> {
  const { client, logger } = parts
  const deadline = performance.now() + parts.deadlineMs
  for (let attempt = 1; ; attempt++) {
    try {
      return parseSchema(client.name, [new Source(await sdlOf(client), `${client.name} (fetched)`)])
    } catch (error) {
      const message = (error as Error).message
      const pauseMs = Math.min(100 * 2 ** (attempt - 1), 2_000)
      if (performance.now() + pauseMs > deadline) {
        const text = `It did not give its schema at ${client.url} within ${parts.deadlineMs} ms. The last try: ${message}`
        return {
          problems: [{ subgraph: client.name, code: 'SCHEMA_NOT_READABLE', message: text, places: [] }],
        }
      }
      logger.info(
        { subgraph: client.name, attempt, reason: message },
        'waiting for a subgraph to give its schema',
      )
      await sleep(pauseMs)
    }
  }
}

async function sdlOf(client: Pick<SubgraphClient, 'post'>): Promise<string> {
  const { status, body } = await client.post({
    body: QUERY,
    viewer: null,
    timeoutMs: 2_000,
    idempotent: true,
  })
  const answer = JSON.parse(body) as {
    data?: { _service?: { sdl?: unknown } }
    errors?: { message?: string }[]
  }
  const sdl = answer.data?._service?.sdl
  if (typeof sdl === 'string') return sdl
  throw new Error(answer.errors?.[0]?.message ?? `HTTP status ${status} without a schema`)
}

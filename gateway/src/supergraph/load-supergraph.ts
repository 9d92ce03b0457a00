import type { Logger } from '@freshet/telemetry'
import type { SubgraphClient } from '../execution/subgraph-client.ts'
import { composeSupergraph, SupergraphError } from './compose.ts'
import { fetchSchema } from './fetch-schema.ts'
import { readSchemaFolder } from './schema-sources.ts'

/**
 * Reads the schemas, from their folders or from the subgraphs themselves, and composes them.
 * With a folder for each, no subgraph needs to be up: the gateway can restart while one is down.
 *
 * @throws {SupergraphError}
 */
export async function loadSupergraph(parts: {
  subgraphs: readonly { name: string; url: string; schema?: string | undefined }[]
  clients: ReadonlyMap<string, Pick<SubgraphClient, 'name' | 'url' | 'post'>>
  deadlineMs: number
  logger: Logger
}): Promise<string> {
  const { logger, deadlineMs } = parts
  const started = performance.now()
  const read = await Promise.all(
    parts.subgraphs.map(async ({ name, url, schema }) => {
      const client = parts.clients.get(name)
      if (schema !== undefined) return { name, url, ...(await readSchemaFolder(name, schema)) }
      if (client === undefined) throw new Error(`There is no client for the subgraph ${name}.`)
      return { name, url, ...(await fetchSchema({ client, deadlineMs, logger })) }
    }),
  )
  const problems = read.flatMap((schema) => ('problems' in schema ? schema.problems : []))
  if (problems.length > 0) throw new SupergraphError(problems)
  const { supergraphSdl, hints } = composeSupergraph(
    read.flatMap((schema) => ('document' in schema ? [schema] : [])),
  )
  for (const hint of hints) logger.debug({ hint }, 'composition hint')
  logger.info(
    {
      subgraphs: read.map(({ name }) => name),
      hints: hints.length,
      ms: Math.round(performance.now() - started),
    },
    'the supergraph is composed',
  )
  return supergraphSdl
}

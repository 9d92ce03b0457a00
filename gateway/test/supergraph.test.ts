import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { createLogger } from '@freshet/telemetry'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { composeSupergraph, SupergraphError } from '../src/supergraph/compose.ts'
import { loadSupergraph } from '../src/supergraph/load-supergraph.ts'
import { readSchemaFolder } from '../src/supergraph/schema-sources.ts'
import { spawnGateway } from './graph/spawned.ts'
import { type SmallGraph, startSmallGraph } from './graph/subgraphs.ts'
import { ask, environmentFor, recordingLogger, startTestGateway } from './graph/test-gateway.ts'

const LINK = 'extend schema @link(url: "https://specs.apollo.dev/federation/v2.9", import: ["@key"])\n'
let graph: SmallGraph
let folder: string

beforeAll(async () => {
  graph = await startSmallGraph()
  folder = await mkdtemp(join(tmpdir(), 'freshet-schema-'))
})
afterAll(async () => {
  await rm(folder, { recursive: true })
  await graph?.close()
})

/** SUBGRAPHS, with analytics' schema changed. */
function subgraphs(schema: string | undefined) {
  const list = JSON.parse(environmentFor(graph).SUBGRAPHS ?? '') as { name: string; schema?: string }[]
  return JSON.stringify(list.map((entry) => (entry.name === 'analytics' ? { ...entry, schema } : entry)))
}

test("the three services' own schemas compose", async () => {
  const schemas = await Promise.all(
    ['users', 'catalog', 'analytics'].map(async (name) => {
      const read = await readSchemaFolder(
        name,
        fileURLToPath(new URL(`../../services/${name}/schema`, import.meta.url)),
      )
      if ('problems' in read) throw new SupergraphError(read.problems)
      return { name, url: 'http://localhost', ...read }
    }),
  )
  expect(composeSupergraph(schemas).supergraphSdl).toContain('join__Graph')
})

test('schemas that do not compose stop the start; each problem names subgraph, code, file and line', async () => {
  await writeFile(
    join(folder, 'stats.graphql'),
    `${LINK}\ntype Query { views: String }\ntype Product @key(fields: "id") {\n  id: ID!\n  title: Int\n}\n`,
  )
  const env = { ...environmentFor(graph), SUBGRAPHS: subgraphs(folder) }
  const gateway = spawnGateway(env)
  expect(await gateway.exited()).toBe(1)
  const printed = gateway.stderr()
  expect(printed).toMatch(/do not compose: \d problems?/)
  expect(printed).toContain('FIELD_TYPE_MISMATCH')
  expect(printed).toContain('"Product.title"')
  expect(printed).toContain(`at ${join(folder, 'stats.graphql')}:6:3`)
  expect(printed).not.toMatch(/node_modules|\.ts:\d/)
})

test('what one subgraph does wrong by itself names it', async () => {
  await writeFile(
    join(folder, 'stats.graphql'),
    `${LINK}\ntype Query { views: Int }\ntype Thing @key(fields: "nothing") { id: ID! }\n`,
  )
  const failure = await startTestGateway(graph, { SUBGRAPHS: subgraphs(folder) }).catch(
    (error: unknown) => error,
  )
  expect(failure).toBeInstanceOf(SupergraphError)
  expect((failure as SupergraphError).problems).toMatchObject([
    {
      subgraph: 'analytics',
      code: 'KEY_INVALID_FIELDS',
      places: [expect.stringMatching(/stats\.graphql:4:12$/), expect.anything()],
    },
  ])
})

test('syntax errors of all files are listed', async () => {
  await writeFile(join(folder, 'stats.graphql'), 'type Query {\n  views Int\n}\n')
  await writeFile(join(folder, 'more.graphql'), 'tipe X { y: Int }\n')
  const failure = await startTestGateway(graph, { SUBGRAPHS: subgraphs(folder) }).catch(
    (error: unknown) => error,
  )
  expect((failure as SupergraphError).problems.map(({ code, places }) => [code, ...places])).toEqual([
    ['GRAPHQL_PARSE_FAILED', `${join(folder, 'more.graphql')}:1:1`],
    ['GRAPHQL_PARSE_FAILED', `${join(folder, 'stats.graphql')}:2:9`],
  ])
  await rm(join(folder, 'more.graphql'))
})

test.each(['/does/not/exist', tmpdir()])('a schema folder without schema (%s) is named', async (missing) => {
  const failure = await startTestGateway(graph, { SUBGRAPHS: subgraphs(missing) }).catch(
    (error: unknown) => error,
  )
  expect((failure as Error).message).toContain(missing)
})

test('without a folder the subgraph is asked, until it is up', async () => {
  await graph.analytics.front.close()
  const { lines, logger } = recordingLogger()
  const starting = startTestGateway(graph, { SUBGRAPHS: subgraphs(undefined) }, logger)
  starting.catch(() => {})
  await eventually(() =>
    expect(lines.map(({ msg }) => msg)).toContain('waiting for a subgraph to give its schema'),
  )
  await graph.analytics.front.reopen()
  const gateway = await starting
  expect((await ask(gateway, '{ product(id: "2") { title stats { views } } }')).data).toEqual({
    product: { title: 'Product 2', stats: { views: 20 } },
  })
  await gateway.close()
})

test('a subgraph that never gives its schema is named after the deadline', async () => {
  await graph.analytics.front.close()
  const failure = await startTestGateway(graph, {
    SUBGRAPHS: subgraphs(undefined),
    SCHEMA_DEADLINE_MS: '300',
  }).catch((error: unknown) => error)
  await graph.analytics.front.reopen()
  expect((failure as Error).message).toMatch(
    /analytics {2}SCHEMA_NOT_READABLE[\s\S]*within 300 ms[\s\S]*can't be reached/,
  )
})

test('with folders, the gateway starts while every subgraph is down', async () => {
  const sdl = await loadSupergraph({
    subgraphs: (['users', 'catalog', 'analytics'] as const).map((name) => ({
      name,
      url: 'http://127.0.0.1:1/graphql',
      schema: graph[name].schemaFolder,
    })),
    clients: new Map(),
    deadlineMs: 0,
    logger: createLogger('gateway', { level: 'silent' }),
  })
  expect(sdl).toContain('type Product')
})

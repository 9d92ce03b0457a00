import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { expect, test } from '@jest/globals'

const script = `
  import { createLogger } from '@freshet/telemetry'
  import { createSubgraph } from ${JSON.stringify(new URL('../src/index.ts', import.meta.url).href)}
  const subgraph = await createSubgraph({
    name: 'shop',
    schema: new URL(${JSON.stringify(new URL('./shop/schema/', import.meta.url).href)}),
    resolvers: { Query: { secret: () => { throw new Error('no') }, viewer: () => 'me' }, Product: { name: () => 'x' } },
    context: () => ({}), database: null, secret: 'x'.repeat(16), logger: createLogger('shop', { level: 'silent' }), checks: {},
  })
  const run = (query, variables) => subgraph.executeOperation({ query, variables })
  await run('{ viewer }')
  await run('{ secret }')
  await run('query ($of: [_Any!]!) { _entities(representations: $of) { ... on Product { name } } }',
    { of: [{ __typename: 'Product', id: 'x' }] })
  await run('{ nothing }')
  const { payload } = await subgraph.app.inject('/metrics')
  process.stdout.write(payload)
  process.exit(0)`

// A process of its own, which a busy machine starts slowly.
test('counts and times operations by root field and outcome, and answers by who may keep them', async () => {
  const args = ['--import', '@freshet/telemetry/register', '--input-type=module', '-e', script]
  const cwd = new URL('..', import.meta.url)
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd })
  const counts = stdout
    .split('\n')
    .filter((line) => line.startsWith('freshet_subgraph_operation_duration_seconds_count'))
  const series = counts.map((line) => /field="([^"]+)",outcome="([^"]+)".*} (\d+)/.exec(line)?.slice(1))
  expect(new Set(series)).toEqual(
    new Set([
      ['_entities.Product', 'ok', '1'],
      ['secret', 'error', '1'],
      ['viewer', 'ok', '1'],
    ]),
  )
  const answers = stdout.matchAll(/^freshet_subgraph_answers_total{service="shop",kept="(\w+)"} (\d+)/gm)
  expect(Object.fromEntries([...answers].map(([, kept, count]) => [kept, count]))).toEqual({
    public: '2',
    error: '1',
  })
})

import { mkdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { explain, up, workspaceRoot } from '@freshet/local'
import { withClient } from '@freshet/testing'
import { Command, InvalidArgumentError } from 'commander'
import { count } from '../option-values.ts'
import { type GrowthDatabase, makeDatabase, openDatabase } from './databases.ts'
import { type Cost, createMeter } from './meter.ts'
import { toSvg } from './plot.ts'
import { fillLists, queriesOf } from './queries.ts'
import { checkSizes, growthOf, type Row, toText } from './report.ts'
import { readSamples } from './samples.ts'

const sizes = (text: string) => (text === 'none' ? [] : text.split(',').map(count))

const postgresUrl = (text: string, before: string[]) => {
  if (/^postgres(ql)?:$/.test(URL.parse(text)?.protocol ?? '')) return [...before, text]
  throw new InvalidArgumentError(
    'a URL like postgres://user:password@host/database is expected; `npx freshet url postgres` prints one',
  )
}

const options = new Command('growth')
  .description(
    'What each main query costs, in time and in pages, as the shop grows: a table and a plot, of two sizes at least.',
  )
  .option(
    '--products <sizes>',
    'databases to make, by their number of products: 1000,3000; or the word none, with two or more --url',
    sizes,
    [10_000, 100_000],
  )
  .option(
    '--url <url...>',
    'databases that are there already, seeded by `freshet seed`; they stay as they are, but their lists are not refreshed meanwhile',
    postgresUrl,
    [],
  )
  .option('--runs <n>', 'how often each query is explained', count, 7)
  .option('--plot <file>', 'where the plot goes', join(workspaceRoot, '.freshet', 'growth.svg'))
  .parse()
  .opts<{ products: number[]; url: string[]; runs: number; plot: string }>()

const say = (line: string) => process.stderr.write(`${line}\n`)
const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())
const { signal } = interrupt

const databases: GrowthDatabase[] = []
try {
  mkdirSync(dirname(options.plot), { recursive: true })
  for (const url of options.url) databases.push(await openDatabase(url))
  checkSizes([...databases.map(({ products }) => products), ...options.products])
  if (options.products.length > 0) {
    const { postgresAdminUrl } = await up({ profile: 'test', parts: ['postgres'], report: say, signal })
    for (const products of options.products)
      databases.push(await makeDatabase(postgresAdminUrl, products, { report: say, signal }))
  }
  databases.sort((a, b) => a.products - b.products)
  const products = databases.map((database) => database.products)

  const costs = new Map<string, Cost[]>()
  for (const database of databases) {
    say(`measuring with ${database.products.toLocaleString('en')} products`)
    for (const [name, cost] of await costsIn(database.url))
      costs.set(name, [...(costs.get(name) ?? []), cost])
  }
  const rows: Row[] = [...costs].map(([name, own]) => ({ name, costs: own }))
  writeFileSync(options.plot, toSvg(rows, products, 'What a query costs as the shop grows'))
  process.stdout.write(`${toText(rows, products)}\n`)
  say(`plot: ${options.plot}`)
  const queries = rows.map((row) => ({ ...row, growth: growthOf(row, products) }))
  process.stdout.write(`${JSON.stringify({ bench: 'growth', runs: options.runs, products, queries })}\n`)
} catch (error) {
  say(signal.aborted ? 'interrupted: what it had made is removed' : explain(error))
  process.exitCode = signal.aborted ? 130 : 1
} finally {
  for (const database of databases) await database.close()
}

async function costsIn(url: string): Promise<Map<string, Cost>> {
  const samples = await withClient(url, readSamples)
  const meters = {
    catalog: createMeter({ url, service: 'catalog', runs: options.runs }),
    analytics: createMeter({ url, service: 'analytics', runs: options.runs }),
  }
  const queries = queriesOf({ catalog: meters.catalog.db, analytics: meters.analytics.db }, samples)
  const costs = new Map<string, Cost>()
  try {
    await fillLists(meters.analytics.db, samples)
    for (const { name, service, run } of queries) {
      signal.throwIfAborted()
      costs.set(name, await meters[service].costOf(run))
    }
  } finally {
    for (const meter of Object.values(meters)) await meter.close()
  }
  return costs
}

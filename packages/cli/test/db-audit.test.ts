import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CommanderError } from 'commander'
import pg from 'pg'
import { dbCommand } from '../src/commands/db.command.ts'
import { prepareDatabase } from '../src/prepare-database.ts'
import { runFreshet } from './run-freshet.ts'

let database: TestDatabase
let folder: string
beforeAll(async () => {
  database = await createTestDatabase({ service: 'audited' })
  await prepareDatabase({ adminUrl: database.adminUrl, scale: 'xs' })
  folder = await mkdtemp(join(tmpdir(), 'freshet-audit-'))
})
afterAll(async () => {
  await database?.close()
  if (folder) await rm(folder, { recursive: true })
})

async function auditing(...args: string[]) {
  const run = runFreshet(['db', 'audit', ...args], { FRESHET_POSTGRES_URL: database.adminUrl })
  return { code: await run.ended, output: run.output() }
}

test('finds nothing in the migrated and seeded database of the services', async () => {
  const { code, output } = await auditing('--format', 'json', '--fail-on', 'warning')
  const report = JSON.parse(output)
  expect(report.findings).toEqual([])
  expect(report.topStatements.length).toBeGreaterThan(0)
  // What filled it is over.
  expect(JSON.stringify([report.topStatements, report.notExplained])).not.toMatch(/freshet-seed|\bseed\./)
  expect(code).toBe(0)
})

test('takes the word of catalog that nobody deletes categories', async () => {
  const client = new pg.Client({ connectionString: database.adminUrl })
  client.on('error', () => {})
  await client.connect()
  // As large as it is where it matters, and no vacuum comes by to say otherwise.
  await client.query('alter table catalog.products set (autovacuum_enabled = false)')
  await client.query(`update pg_class set reltuples = 100000 where oid = 'catalog.products'::regclass`)
  const told = async () => {
    const { output } = await auditing('--format', 'json', '--fail-on', 'none')
    return JSON.parse(output).findings.map(({ id }: { id: string }) => id)
  }
  expect(await told()).not.toContain('foreign-key.no-index')
  await client.query('comment on constraint products_category_id_fkey on catalog.products is null')
  expect(await told()).toContain('foreign-key.no-index')
  await client.query('alter table catalog.products reset (autovacuum_enabled)')
  await client.query('analyze catalog.products')
  await client.end()
})

test('fails from the level on that it is told, and writes a page, a baseline and the findings', async () => {
  const [page, baseline] = [join(folder, 'audit.html'), join(folder, 'baseline.json')]
  const client = new pg.Client({ connectionString: database.adminUrl })
  client.on('error', () => {})
  await client.connect()
  await client.query('create table catalog."<b>" (what text)')
  const run = await auditing('--format', 'html', '--output', page, '--save-baseline', baseline)
  expect(run).toEqual({ code: 0, output: '' })
  const html = await readFile(page, 'utf8')
  expect(html).toContain('<code>catalog.&lt;b&gt;</code>')
  expect(html).not.toMatch(/<b>|<script|src=|https?:/)

  const failing = await auditing('--baseline', baseline, '--fail-on', 'warning')
  expect(failing.code).toBe(1)
  expect(failing.output).toMatch(/^warning {2}table\.no-primary-key: /m)
  expect(failing.output).toContain('1 finding at or above --fail-on warning')
  expect((await auditing('--fail-on', 'none')).code).toBe(0)
  await client.query('drop table catalog."<b>"')
  await client.end()
})

/** What the command says of these arguments, before or instead of an audit. */
async function refusalOf(args: string[]): Promise<Error> {
  const command = dbCommand.commands.find((one) => one.name() === 'audit')!
  command.exitOverride().configureOutput({ writeErr: () => {} })
  const failure = await command.parseAsync(args, { from: 'user' }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(Error)
  return failure as Error
}

test.each([
  ['--format', 'xml', 'Allowed choices are text, json, html.'],
  ['--since', '1 week', 'A whole number above 0 and s, m, h or d'],
  ['--since', '0m', 'A whole number above 0'],
  ['--fail-on', 'info', 'Allowed choices are error, warning, none.'],
  ['--profile', 'nowhere', 'There is no such profile'],
])('refuses %s %s and says what it must be', async (option, value, reason) => {
  const refusal = await refusalOf([option, value])
  expect(refusal).toBeInstanceOf(CommanderError)
  expect(refusal.message).toContain(`option '`)
  expect(refusal.message).toContain(reason)
})

test('refuses files and addresses that are of no use, and says what to do', async () => {
  const away = join(folder, 'no', 'such', 'file')
  const odd = join(folder, 'odd.json')
  await writeFile(odd, '{"version": 2}')
  const url = ['--url', database.adminUrl]
  expect(await refusalOf(['--url', 'mysql://here'])).toMatchObject({ code: 'URL_INVALID' })
  expect(await refusalOf(['--url', 'postgres://a:b@127.0.0.1:1/none'])).toMatchObject({
    code: 'UNREACHABLE',
    message: expect.stringMatching(/check that it runs/),
  })
  expect(await refusalOf([...url, '--baseline', away])).toMatchObject({
    code: 'BASELINE_UNREADABLE',
    message: expect.stringContaining('--save-baseline'),
  })
  expect(await refusalOf([...url, '--baseline', odd])).toMatchObject({ code: 'BASELINE_INVALID' })
  expect(await refusalOf([...url, '--log', away])).toMatchObject({ code: 'LOG_UNREADABLE' })
  expect(await refusalOf([...url, '--log', odd])).toMatchObject({
    code: 'LOG_INVALID',
    message: expect.stringContaining('jsonlog'),
  })
  expect(await refusalOf([...url, '--output', away])).toMatchObject({
    code: 'OUTPUT_UNWRITABLE',
    message: expect.stringContaining('in a folder that is there'),
  })
  expect((await refusalOf([...url, '--profile', 'dev'])).message).toContain(
    `cannot be used with option '--url`,
  )
})

test('ends with 2 when no audit could be made, which no finding does', async () => {
  const away = await auditing('--baseline', join(folder, 'no', 'such', 'file'))
  expect(away).toEqual({ code: 2, output: expect.stringContaining('--save-baseline') })
  const odd = await auditing('--format', 'xml')
  expect(odd).toEqual({ code: 2, output: expect.stringContaining('Allowed choices') })
})

test('--help tells what each option does', () => {
  const command = dbCommand.commands.find((one) => one.name() === 'audit')!
  const help = command.helpInformation().replaceAll(/\s+/g, ' ')
  for (const text of [
    '--url <url>',
    '--log <file>',
    '--since <span>',
    '--baseline',
    '--save-baseline',
    '--format',
    '--output',
    '--fail-on',
  ])
    expect(help).toContain(text)
  expect(help).toContain('Exits with 1')
  expect(help).toContain('with 2 when no audit could be made')
})

import { seed } from '@freshet/seed'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { CommanderError } from 'commander'
import pg from 'pg'
import { seedCommand } from '../src/commands/seed.command.ts'
import { prepareDatabase, seedIfEmpty } from '../src/prepare-database.ts'
import { runFreshet } from './run-freshet.ts'

const until = '2026-06-30T18:00Z'
let database: TestDatabase
let other: TestDatabase

beforeAll(async () => {
  database = await createTestDatabase({ service: 'seeding' })
  other = await createTestDatabase({ service: 'seeding' })
})
afterAll(async () => {
  await database?.close()
  await other?.close()
})

/** What the command says of these arguments before it does anything. */
async function refusalOf(args: string[]): Promise<string> {
  seedCommand.exitOverride().configureOutput({ writeErr: () => {} })
  const failure = await seedCommand.parseAsync(args, { from: 'user' }).catch((error: unknown) => error)
  expect(failure).toBeInstanceOf(CommanderError)
  return (failure as Error).message
}

/** Enough to tell one seed, or one end, from another. */
async function sample(url: string) {
  const client = new pg.Client({ connectionString: url })
  await client.connect()
  try {
    const { rows } = await client.query(`
      select (select md5(string_agg(title, ',' order by id)) from catalog.products) as products,
        (select md5(string_agg(email, ',' order by id)) from users.accounts) as accounts,
        (select count(*)::int from analytics.activity) as events,
        (select max(occurred_at) from analytics.activity) as last`)
    return rows[0]
  } finally {
    await client.end()
  }
}

test('--seed and --until give the same rows as the API, and say how it went', async () => {
  const args = ['seed', '--scale', 'xs', '--seed', '7', '--until', until]
  const run = runFreshet(args, { FRESHET_POSTGRES_URL: database.adminUrl })
  const code = await run.ended
  expect({ code, output: run.output() }).toEqual({ code: 0, output: expect.stringMatching(/seeded in/) })
  expect(run.output()).toMatch(/^ {2}catalog\.products: 1,000 rows$/m)
  await prepareDatabase({ adminUrl: other.adminUrl })
  await seed({ adminUrl: other.adminUrl, scale: 'xs', seed: 7, until: new Date(until) })
  const seeded = await sample(database.adminUrl)
  expect(seeded).toEqual(await sample(other.adminUrl))
  expect(seeded.last.getTime()).toBeLessThanOrEqual(Date.parse(until))
  // Another seed does not touch what is there.
  expect(await seedIfEmpty({ scale: 'xs', seed: 8 }, { adminUrl: database.adminUrl })).toBe(false)
  expect(await sample(database.adminUrl)).toEqual(seeded)
})

const wholeNumber = 'It must be a whole number, 0 or more.'
const aMoment = 'It must be a day or a time with its zone: 2026-11-23, 2026-11-23T18:00Z.'

test.each([
  ['--seed', 'many', wholeNumber],
  ['--seed', '-1', wholeNumber],
  ['--seed', '', wholeNumber],
  ['--seed', '1e400', wholeNumber],
  ['--until', 'yesterday', aMoment],
  ['--until', '2026-02-30', aMoment],
  ['--until', '2026-11-23T25:00Z', aMoment],
  ['--until', '2026-11-23T18:00', aMoment],
  ['--until', '2999-01-01', 'It must be between 2000-01-01 and now.'],
  ['--until', '1999-12-31', 'It must be between 2000-01-01 and now.'],
  ['--scale', 'xxl', 'Allowed choices are xs, s, m, l.'],
])('refuses %s %s and says what it must be', async (option, value, reason) => {
  const refusal = await refusalOf([option, value])
  expect(refusal).toContain(`option '${option}`)
  expect(refusal).toContain(reason)
})

test('--help tells what each of them does', () => {
  const help = seedCommand.helpInformation().replaceAll(/\s+/g, ' ')
  for (const text of [
    '--seed <number>',
    '(default: 1)',
    '--until <time>',
    'the last full hour',
    'to the byte',
  ])
    expect(help).toContain(text)
})

import { hash as argon2 } from '@node-rs/argon2'
import pg from 'pg'
import { copyRows } from './copy.ts'
import { DERIVED, moveSequences } from './derived.ts'
import { SCALES, type Scale, type ScaleName } from './scales.ts'
import { tablesOf } from './tables.ts'
import { DEMO_PASSWORD } from './users.ts'

export interface SeedOptions {
  /** A role that may write to all three schemas, which are migrated and empty. */
  adminUrl: string
  /** Default `s`. */
  scale?: ScaleName
  /** Default 1. The same seed, scale and `until` give the same rows to the byte. */
  seed?: number
  /** The data's newest moment. Default: the last full hour, so that today has activity. */
  until?: Date
  onProgress?: (progress: SeedProgress) => void
  /** Aborts: nothing that was written stays. */
  signal?: AbortSignal
}

/** Told when a table is begun, again and again while its rows are sent, and when it is done. */
export interface SeedProgress {
  table: string
  /** So far. What the database derives by itself stays at 0 until it is done. */
  rows: number
  /** Null where the count is not known beforehand. */
  of: number | null
  done: boolean
}

export class SeedError extends Error {
  readonly code: 'NOT_MIGRATED' | 'NOT_EMPTY' | 'SEED_FAILED'
  constructor(code: SeedError['code'], message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'SeedError'
    this.code = code
  }
}

/** Whether any product is there. False too where the tables are still missing. */
export async function isSeeded(options: { adminUrl: string }): Promise<boolean> {
  return withClient(options.adminUrl, async (client) => {
    const { rows } = await client.query("select to_regclass('catalog.products') is not null as migrated")
    if (!rows[0].migrated) return false
    return (await client.query('select exists (select from catalog.products) as seeded')).rows[0].seeded
  })
}

/**
 * Fills all three schemas in one transaction: after an error, a Ctrl-C or a crash there is nothing.
 * @throws SeedError NOT_MIGRATED or NOT_EMPTY before anything is written, else SEED_FAILED with its cause.
 */
export async function seed(options: SeedOptions): Promise<Scale> {
  const scale = SCALES[options.scale ?? 's']
  await withClient(options.adminUrl, async (client) => {
    await checkEmpty(client)
    const abort = () => void client.end().catch(() => {})
    options.signal?.addEventListener('abort', abort, { once: true })
    try {
      options.signal?.throwIfAborted()
      await client.query('begin')
      await client.query(
        "set local statement_timeout = 0; set local work_mem = '64MB'; set local timezone = 'UTC'",
      )
      await load(client, scale, options)
      await client.query('commit')
    } catch (cause) {
      // Closing the connection, which withClient does, rolls back: it may be in the middle of a COPY.
      if (options.signal?.aborted)
        throw new SeedError('SEED_FAILED', 'The seed was interrupted; nothing was kept.', { cause })
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new SeedError('SEED_FAILED', `The seed failed, and nothing was kept: ${reason}`, { cause })
    } finally {
      options.signal?.removeEventListener('abort', abort)
    }
    await client.query('analyze')
  })
  return scale
}

async function load(client: pg.Client, scale: Scale, options: SeedOptions): Promise<void> {
  const { seed = 1, until = lastFullHour(), onProgress = () => {} } = options
  await createPartitions(client, until)
  for (const { table, columns, rows, of = null } of tablesOf(
    { seed, scale, until },
    await demoPasswordHash(),
  )) {
    onProgress({ table, rows: 0, of, done: false })
    const count = await copyRows(client, table, columns, rows, (done) =>
      onProgress({ table, rows: done, of, done: false }),
    )
    onProgress({ table, rows: count, of, done: true })
  }
  for (const [table, statement] of DERIVED) {
    onProgress({ table, rows: 0, of: null, done: false })
    const { rowCount } = await client.query(statement)
    onProgress({ table, rows: rowCount ?? 0, of: null, done: true })
  }
  await moveSequences(client)
}

/** The same in every run: a fixed salt is fine for a password that the README prints. */
function demoPasswordHash(): Promise<string> {
  return argon2(DEMO_PASSWORD, { salt: Buffer.from('freshet-demo-salt') })
}

async function createPartitions(client: pg.Client, until: Date): Promise<void> {
  const month = (offset: number) =>
    new Date(Date.UTC(until.getUTCFullYear(), until.getUTCMonth() + offset, 1)).toISOString()
  for (let offset = -5; offset <= 2; offset++) {
    const name = `analytics.activity_${month(offset).slice(0, 7).replace('-', '_')}`
    await client.query(
      `create table if not exists ${name} partition of analytics.activity for values from ('${month(offset)}') to ('${month(offset + 1)}')`,
    )
    await client.query(`alter table ${name} owner to analytics`)
  }
}

async function checkEmpty(client: pg.Client): Promise<void> {
  for (const table of ['catalog.products', 'catalog.categories', 'users.accounts', 'analytics.activity']) {
    const { rows } = await client.query('select to_regclass($1) is not null as there', [table])
    if (!rows[0].there)
      throw new SeedError('NOT_MIGRATED', `The table ${table} is missing; run "freshet migrate" first.`)
    const { rows: found } = await client.query(`select exists (select from ${table}) as filled`)
    if (found[0].filled)
      throw new SeedError(
        'NOT_EMPTY',
        `The table ${table} has rows already; the seed fills an empty database only.`,
      )
  }
}

async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, application_name: 'freshet-seed' })
  client.on('error', () => {}) // reported by the query that it broke
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => {}) // aborting has ended it already
  }
}

function lastFullHour(): Date {
  return new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000)
}

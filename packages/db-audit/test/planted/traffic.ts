import { createDatabase, type QueryTags } from '@freshet/database'
import { createLogger } from '@freshet/telemetry'
import { CompiledQuery, sql } from 'kysely'
import type pg from 'pg'

/** More than what passes for somebody's single look. */
const regularly = 6

/** What a service sends, with its comments. */
const statements: readonly [text: string, values: unknown[], tags?: QueryTags][] = [
  ['select * from orders where customer_id = $1', [1], { operation: 'OrdersPage', field: 'Customer.orders' }],
  ['select id, total from orders order by placed_at desc limit 20', []],
  ['select id from payments where provider = $1 and amount > $2', ['p1', 900]],
  ['select id from orders where lower(email) = $1', ['person1@example.com']],
  ['select id from orders where note like $1', ['%abc%']],
  ['select id from orders where code::text = $1', ['7']],
  ['select id from orders order by id limit $1 offset $2', [20, 5000]],
  ['select id, email from orders', []],
  ['select count(*) from events where kind = $1', ['kind1']],
  ['select total from orders where id = $1 and pg_sleep(0.26) is not null', [1]],
  ['select id, memo from invoices where number = $1', ['I77']],
  ['select sum(n) from counters', []],
  ['select id from "we(ird[" where "Owner""s" = $1', [7]],
  ['select o.id from orders o join "we(ird[" w on w.id = o.id where w."constructor"::text = $1', ['5']],
  ['select id from "OrderItems" where "OrderId" = $1', [5]],
  ['select id, memo from "../../x"";\n--" where code = $1', ['C7']],
  ['select count(*) from by_letter where id = $1', [5]],
  ['select id, memo from parcels where kind = $1 order by id limit 20', ['k5']],
  ['select id, memo from parcels where code = $1', ['C7']],
  ['select id from drafts where author = $1', [7]],
  [`select count(*) from events where date_trunc('year', at) = $1`, ['2091-01-01']],
  ['select count(*) from events where extract(month from at) = $1', [2]],
  [
    'select id from (select id, row_number() over (order by id) as n from parcels) numbered where n between $1 and $2',
    [21, 40],
  ],
  ['table invoices', []],
  // Alike for longer than a title is, and no more.
  ...['memo', 'tracking'].map((column): [string, unknown[]] => [
    `select id, tracking, memo, length(memo) as length_of_memo, upper(tracking) as upper_tracking, lower(memo) as low from shipments where ${column} ~ $1`,
    ['q7q'],
  ]),
  // Nothing is wrong with these: the first number of each, a range of the key, a turn that is taken, a job that sums up all.
  [
    'select id from (select id, row_number() over (partition by kind order by id) as n from parcels where id < $1) fence where n <= $2',
    [50, 3],
  ],
  [`select pg_sleep(0.26) as fence /*service='freshet-seed'*/`, []],
  ['select avg(total) from orders', [], { operation: 'refresh averages' }],
  ['select pg_advisory_xact_lock($1) as fence, pg_sleep(0.26)', [1]],
  // Nothing is wrong with this one: `offset 0` is a fence, and of the table it reads a page.
  [
    'select o.id from (select 1 as one offset 0) fence cross join lateral (select id from orders where total >= $1 limit $2) o',
    [1, 5],
  ],
]

/** Runs all of them as the service does, and one a thousand times. */
export async function serviceTraffic(url: string): Promise<void> {
  let tags: QueryTags = {}
  const logger = createLogger('planted', { level: 'silent' })
  const database = createDatabase({ url, service: 'planted', poolSize: 1, tags: () => tags, logger })
  const run = (text: string, values: unknown[]) => database.db.executeQuery(CompiledQuery.raw(text, values))
  try {
    for (const [text, values, own = {}] of statements) {
      tags = own
      for (let time = 0; time < regularly; time++) await run(text, values)
    }
    for (let time = 0; time < regularly; time++) {
      await run(`declare found cursor with hold for select id from payments where memo = 'x'`, [])
      await run('close found', [])
    }
    for (let time = 0; time < 1_000; time++) {
      await run('select id from carts where id = $1', [time % 500])
      await run('select id from queue where at < now()', [])
    }
    // Told to the statistics at once, not within the next second.
    await sql`select pg_stat_force_next_flush()`.execute(database.db)
  } finally {
    await database.close()
  }
}

/** What only a superuser can bring about: little memory for a sort, a copy on the server, blocks out of memory. */
export async function adminTraffic(admin: pg.Client): Promise<void> {
  await admin.query(`set work_mem = '64kB'`)
  for (let time = 0; time < regularly; time++) {
    await admin.query('select count(*) from (select id from orders order by note, email) sorted')
  }
  await admin.query('reset work_mem')
  for (let time = 0; time < regularly; time++) {
    await admin.query(`copy (select id from planted.payments where memo > 'x') to '/dev/null'`)
  }
  const evict = (name: string) => admin.query(`select extensions.pg_buffercache_evict_relation('${name}')`)
  for (let time = 0; time < 10; time++) {
    await evict('archive')
    await admin.query('select sum(id) from archive where length(body) > 3')
    await evict('archive_by_body')
    await admin.query('set enable_seqscan = off')
    await admin.query('set enable_bitmapscan = off')
    await admin.query(`select count(body) from archive where body > ''`)
    await admin.query('reset all')
    await admin.query('set search_path = planted, extensions')
  }
  await admin.query('select pg_stat_force_next_flush()')
}

import pg from 'pg'
import { SeedError } from './seed-error.ts'

/** Of what it sends, so that the statistics tell it from what services do. */
export const seedTag = "/*service='freshet-seed'*/"

/** Tags every text that it sends; a COPY is none. */
class SeedClient extends pg.Client {
  readonly #send = pg.Client.prototype.query.bind(this) as (...query: unknown[]) => unknown
  override query = ((query: unknown, ...rest: unknown[]) =>
    this.#send(typeof query === 'string' ? `${query} ${seedTag}` : query, ...rest)) as pg.Client['query']
}

export async function withClient<T>(url: string, use: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new SeedClient({ connectionString: url, application_name: 'freshet-seed' })
  client.on('error', () => {}) // reported by the query that it broke
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end().catch(() => {}) // aborting has ended it already
  }
}

/** One seed at a time. A process that was killed holds the lock until the database has noticed, a second later. */
export async function takeTurn(client: pg.Client): Promise<void> {
  await client.query("set lock_timeout = '5s'")
  try {
    await client.query("select pg_advisory_lock(hashtext('freshet seed'))")
  } catch (cause) {
    if ((cause as { code?: unknown }).code !== '55P03') throw cause
    throw new SeedError('BUSY', 'Another process is seeding this database; wait for its end.', { cause })
  }
  await client.query('set lock_timeout = 0')
}

/** For a load: long statements, much memory, and commits that nobody waits for. */
export async function configure(client: pg.Client): Promise<void> {
  // A crash of the server may lose the latest commits, each together with the progress that it was.
  await client.query(`
    set statement_timeout = 0; set timezone = 'UTC'; set synchronous_commit = off;
    set work_mem = '128MB'; set maintenance_work_mem = '512MB'`)
  // So that a long statement does not outlive the process that sent it. Not every system can: it only saves waiting.
  await client.query("set client_connection_check_interval = '1s'").catch(() => {})
}

/** What fails ends the seed, and with its connection the transaction. */
export async function inTransaction<T>(client: pg.Client, work: () => Promise<T>): Promise<T> {
  await client.query('begin')
  const result = await work()
  await client.query('commit')
  return result
}

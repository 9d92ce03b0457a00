import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import pg from 'pg'

/** What a query costs the database, all of its statements together. */
export interface Cost {
  /** Execution, the median of the runs. */
  ms: number
  /** Pages of 8 kB that were looked at, in memory or not. */
  buffers: number
}

/** Runs what a service would, and has PostgreSQL explain it, in a transaction that `close` rolls back. */
export interface Meter {
  /** What repositories are made with. */
  // biome-ignore lint/suspicious/noExplicitAny: each repository knows a schema of its own.
  db: Kysely<any>
  /** What the query changes is gone when its cost is known. */
  costOf(query: () => Promise<unknown>): Promise<Cost>
  close(): Promise<void>
}

interface Statement {
  sql: string
  parameters: unknown[]
}

/** @param options.service whose tables the statements name without a schema */
export function createMeter(options: { url: string; service: string; runs: number }): Meter {
  const pool = new pg.Pool({
    connectionString: options.url,
    // One connection for good: what it has begun is the transaction.
    max: 1,
    idleTimeoutMillis: 0,
    verify: (client, done) => client.query('begin', (error) => done(error)),
    application_name: 'freshet bench growth',
    options: `-c search_path=${options.service},extensions`,
  })
  pool.on('error', () => {})
  let sent: Statement[] = []
  const db = new Kysely({
    dialect: new PostgresDialect({ pool: nested(pool) }),
    log: ({ level, query }) => {
      if (level === 'query') sent.push({ sql: query.sql, parameters: [...query.parameters] })
    },
  })

  async function rolledBack<Result>(work: () => Promise<Result>): Promise<Result> {
    await pool.query('savepoint measured')
    const result = await work()
    // After an error there is nothing to go on with: the caller closes the meter.
    await pool.query('rollback to measured')
    return result
  }

  async function explain({ sql, parameters }: Statement): Promise<Cost> {
    // Without the clock of each node, which costs more than a short query.
    const { rows } = await pool.query(
      `explain (analyze, buffers, timing off, summary on, format json) ${sql}`,
      parameters,
    )
    const [{ Plan: plan, 'Execution Time': ms }] = rows[0]['QUERY PLAN']
    return { ms, buffers: plan['Shared Hit Blocks'] + plan['Shared Read Blocks'] }
  }

  return {
    db,
    async costOf(query) {
      // This run also reads into memory what the others find there.
      sent = []
      await rolledBack(query)
      const statements = sent.filter(({ sql }) => /^\s*(select|with|insert|delete|update)\b/i.test(sql))
      const runs: Cost[] = []
      for (let run = 0; run < options.runs; run++) {
        const costs: Cost[] = []
        await rolledBack(async () => {
          for (const statement of statements) costs.push(await explain(statement))
        })
        runs.push({ ms: sum(costs.map(({ ms }) => ms)), buffers: sum(costs.map(({ buffers }) => buffers)) })
      }
      return { ms: median(runs.map(({ ms }) => ms)), buffers: median(runs.map(({ buffers }) => buffers)) }
    },
    close: () => db.destroy(),
  }
}

const NESTED: Record<string, string> = {
  begin: 'savepoint nested',
  commit: 'release nested',
  rollback: 'rollback to nested',
}

/** The pool as Kysely sees it: a transaction of a repository is a part of the one that is open. */
function nested(pool: pg.Pool): PostgresPool {
  return {
    options: pool.options,
    end: () => pool.end(),
    async connect() {
      const client = await pool.connect()
      const query = (sql: string, parameters: unknown[]) => client.query(NESTED[sql] ?? sql, parameters)
      return {
        query: query as unknown as Awaited<ReturnType<PostgresPool['connect']>>['query'],
        release: (destroy) => client.release(destroy),
      }
    },
  }
}

const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0)

function median(values: readonly number[]): number {
  return [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)] as number
}

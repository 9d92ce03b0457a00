import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

/** One statement, as pg_stat_statements knows it: its values are `$1`, `$2`. */
export interface Statement {
  readonly sql: string
  readonly calls: number
  readonly totalMs: number
  readonly meanMs: number
}

/** What PostgreSQL has counted in one database since the last reset. */
export interface StatementCounts {
  reset(database: string): Promise<void>
  /** Without transaction control, and without what a superuser of another side asked; the costliest first. */
  read(database: string): Promise<Statement[]>
  /** Whether, within so long, nobody waits for an answer of this database any more. */
  comesToRest(database: string, withinMs: number): Promise<boolean>
  /** Ends every connection to it, whatever runs there. */
  cutOff(database: string): Promise<void>
  close(): Promise<void>
}

/** @param adminUrl a database of the server that has the extension: it counts for all databases */
export async function openStatementCounts(adminUrl: string): Promise<StatementCounts> {
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  const own = new URL(adminUrl).pathname.slice(1)
  return {
    async reset(database) {
      await client.query(
        'select extensions.pg_stat_statements_reset(0, (select oid from pg_database where datname = $1), 0)',
        [database],
      )
    },
    async read(database) {
      const { rows } = await client.query<Statement>(
        `select query as sql, sum(calls)::float8 as calls, sum(total_exec_time)::float8 as "totalMs",
           (sum(total_exec_time) / sum(calls))::float8 as "meanMs"
         from extensions.pg_stat_statements
         where toplevel and dbid = (select oid from pg_database where datname = $1)
           and query !~* '^\\s*(begin|start transaction|commit|rollback|set|show|discard|deallocate)\\M'
           -- This client's own, where it asks about the database that it is in.
           and ($1 <> $2 or userid <> (select usesysid from pg_user where usename = current_user))
         group by query order by 3 desc`,
        [database, own],
      )
      return rows
    },
    async comesToRest(database, withinMs) {
      const deadline = Date.now() + withinMs
      for (;;) {
        const { rows } = await client.query<{ busy: boolean }>(
          "select exists (select from pg_stat_activity where datname = $1 and state = 'active' and pid <> pg_backend_pid()) as busy",
          [database],
        )
        if (!rows[0]?.busy) return true
        if (Date.now() > deadline) return false
        await sleep(100)
      }
    },
    async cutOff(database) {
      await client.query(
        'select pg_terminate_backend(pid, 5000) from pg_stat_activity where datname = $1 and pid <> pg_backend_pid()',
        [database],
      )
    },
    close: () => client.end(),
  }
}

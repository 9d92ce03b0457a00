import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'
import { SILENT_MS } from './blockers.ts'

const POLL_MS = 100

const LOCK = "hashtext('freshet migrate')"

/** What can be done beside a migration, from another session. */
export interface Turn {
  /** Ends a session of this database, in the middle of what it does. */
  endSession(pid: number): Promise<void>
  /** The sessions that these wait for, each in a person's words. */
  findBlockers(pids: readonly number[]): Promise<ReadonlyMap<number, string>>
}

/**
 * Does the work while no other process migrates anything in this database.
 *
 * The lock is asked for again and again, never waited for: a statement that waits has a snapshot, and a concurrent index
 * waits until there is no older one, so the two would wait for each other. It is the database's and not a service's,
 * because a concurrent index looks at all of the database's snapshots.
 *
 * @param options.report told once whom it waits for, when that takes long
 * @throws the signal's reason when it is aborted before the work begins
 */
export async function inTurn<Result>(
  options: { url: string; service: string; signal?: AbortSignal; report?: (line: string) => void },
  work: (turn: Turn) => Promise<Result>,
): Promise<Result> {
  const { url, service, signal, report = () => {} } = options
  const client = new pg.Client({ connectionString: url, application_name: `${service} migrate, in turn` })
  // Broken, it holds no lock any more, but then the server or the network is gone for the work as well.
  client.on('error', () => {})
  await client.connect()
  const beganMs = performance.now()
  let isTold = false
  try {
    for (;;) {
      signal?.throwIfAborted()
      const { rows } = await client.query(`select pg_try_advisory_lock(${LOCK}) as taken`)
      if (rows[0].taken) break
      if (!isTold && performance.now() - beganMs > SILENT_MS) {
        isTold = true
        const holder = await findHolder(client)
        if (holder !== undefined) report(`${service}: waits for its turn to migrate, which ${holder} has`)
      }
      await sleep(POLL_MS, undefined, { signal })
    }
    // In the name, since PostgreSQL shows roles little more of each other's sessions.
    const since = `${new Date().toISOString().slice(0, 19)}Z`
    await client.query(`set application_name = ${pg.escapeLiteral(`${service} migrate, since ${since}`)}`)
    return await work({
      async endSession(pid) {
        await client.query('select pg_terminate_backend($1)', [pid])
      },
      async findBlockers(pids) {
        const { rows } = await client.query<Session>(
          `select distinct pid, application_name as name, xact_start as since
           from unnest($1::integer[]) as waiting, unnest(pg_blocking_pids(waiting)) as pid join pg_stat_activity using (pid)`,
          [pids],
        )
        return new Map(rows.map((session) => [session.pid, described(session)]))
      },
    })
  } finally {
    await client.end()
  }
}

/** For a person; undefined when it has just let go. */
async function findHolder(client: pg.Client): Promise<string | undefined> {
  const { rows } = await client.query<Session>(`
    select pid, application_name as name, state_change as since from pg_locks join pg_stat_activity using (pid)
    where locktype = 'advisory' and granted and objsubid = 1
      and database = (select oid from pg_database where datname = current_database())
      and (classid::bigint << 32) | objid::bigint = ${LOCK}`)
  return rows[0] && described(rows[0])
}

interface Session {
  pid: number
  name: string
  /** Null of another role's. */
  since: Date | null
}

function described({ pid, name, since }: Session): string {
  const told =
    since === null || name.includes(', since ') ? '' : `, since ${since.toISOString().slice(0, 19)}Z`
  return `PostgreSQL's process ${pid} (${name || 'without a name'}${told})`
}

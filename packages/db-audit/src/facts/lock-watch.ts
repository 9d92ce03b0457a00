import pg from 'pg'
import type { AuditClient } from '../audit-client.ts'
import { madeByPeople } from './own-objects.ts'

/** A table that a lock keeps everybody from looking at, or that can't be looked at without such a one. */
export interface LeftOutFacts {
  readonly oid: number
  readonly schema: string
  readonly name: string
  /** Who holds the lock, or waits for it before us; null for a prepared transaction. */
  readonly pid: number | null
  readonly program: string | null
}

/** Reads around the tables that are locked, and remembers which. */
export interface LockWatch {
  readonly leftOut: readonly LeftOutFacts[]
  /**
   * Reads, and where a lock is waited for in vain, once more without what is locked by then.
   * @throws Error of the lock timeout if no lock on a table explains it
   */
  read<Row>(query: (leftOut: readonly number[]) => Promise<Row[]>): Promise<Row[]>
  /** Whether there is more to be left out than was known. */
  look(): Promise<boolean>
}

export const isLockTimeout = (error: unknown): boolean =>
  error instanceof pg.DatabaseError && error.code === '55P03'

/** Locks come and go while it reads: so often it looks for them in vain before it gives up. */
const mostLooks = 3

/**
 * Sizes and definitions are read under the weakest lock, and one ACCESS EXCLUSIVE keeps even that waiting. It is left out
 * only once it was in the way for as long as the client waits for locks: most are held for milliseconds.
 */
export function createLockWatch(client: AuditClient): LockWatch {
  const known = new Map<number, LeftOutFacts>()
  const watch: LockWatch = {
    get leftOut() {
      return [...known.values()]
    },
    async look() {
      const before = known.size
      for (const table of await readLocked(client)) if (!known.has(table.oid)) known.set(table.oid, table)
      return known.size > before
    },
    async read(query) {
      for (let vain = 0; ; ) {
        try {
          return await query([...known.keys()])
        } catch (error) {
          if (!isLockTimeout(error)) throw error
          if (!(await watch.look()) && ++vain >= mostLooks) throw error
        }
      }
    },
  }
  return watch
}

/** Of an index its table; and of a partition all that it is a part of. Autovacuum gives its lock back to who waits. */
async function readLocked(client: AuditClient): Promise<LeftOutFacts[]> {
  return client.rows<LeftOutFacts>(`
    with recursive held as (
      select l.relation, l.granted, l.pid, a.application_name as program
      from pg_locks l left join pg_stat_activity a on a.pid = l.pid
      where l.locktype = 'relation' and l.mode = 'AccessExclusiveLock' and l.pid is distinct from pg_backend_pid()
        and l.database = (select oid from pg_database where datname = current_database())
        and a.backend_type is distinct from 'autovacuum worker'
    ), affected as (
      select coalesce(i.indrelid, h.relation) as oid, h.granted, h.pid, h.program
      from held h left join pg_index i on i.indexrelid = h.relation
      union
      select i.inhparent, a.granted, a.pid, a.program from affected a join pg_inherits i on i.inhrelid = a.oid
    )
    select distinct on (c.oid) c.oid::int as oid, n.nspname as schema, c.relname as name, a.pid, a.program
    from affected a join pg_class c on c.oid = a.oid join pg_namespace n on n.oid = c.relnamespace
    where ${madeByPeople}
    order by c.oid, a.granted desc, a.pid`)
}

import type { AuditClient } from '../audit-client.ts'
import { madeByPeople } from './own-objects.ts'

/** A materialized view. */
export interface ViewFacts {
  readonly schema: string
  readonly name: string
  readonly isPopulated: boolean
  readonly bases: readonly string[]
  /** Of the rows of its tables, the share that was written after it was refreshed; null if that was not to be found out. */
  readonly newer: number | null
}

interface View {
  schema: string
  name: string
  isPopulated: boolean
  /** Transactions since it was written. */
  age: number
  bases: { name: string; pages: number }[]
}

/** So many pages of a table tell its share well enough. */
const sampledPages = 500

/**
 * PostgreSQL keeps no time of the last refresh. But a refresh writes the view's own row in the catalog, and each row of a
 * table says which transaction wrote it: so what is younger than the view can be counted, in a sample.
 */
export async function readViews(client: AuditClient): Promise<ViewFacts[]> {
  const views = await client.rows<View>(`
    select n.nspname as schema, c.relname as name, c.relispopulated as "isPopulated", age(c.xmin) as age,
      (select coalesce(jsonb_agg(distinct jsonb_build_object('name', b.oid::regclass::text, 'pages', b.relpages)), '[]')
        from pg_rewrite r
        join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid and d.refclassid = 'pg_class'::regclass
        join pg_class b on b.oid = d.refobjid and b.relkind = 'r'
        where r.ev_class = c.oid and b.oid <> c.oid) as bases
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'm' and ${madeByPeople}
    order by 1, 2`)
  const found: ViewFacts[] = []
  for (const { age, bases, ...view } of views) {
    const newer = view.isPopulated ? await newerShare(client, age, bases) : null
    found.push({ ...view, bases: bases.map(({ name }) => name), newer })
  }
  return found
}

async function newerShare(client: AuditClient, age: number, bases: View['bases']): Promise<number | null> {
  let [newer, all] = [0, 0]
  for (const { name, pages } of bases) {
    const percent = Math.min(100, (100 * sampledPages) / Math.max(1, pages))
    try {
      const [counted] = await client.rows<{ newer: number; all: number }>(
        `select count(*) filter (where age(xmin) < ${age})::int as newer, count(*)::int as all
        from ${name} tablesample system (${percent})`,
      )
      newer += counted!.newer
      all += counted!.all
    } catch {
      // Not to be read by who asks, or locked: nothing is said of a view that can't be judged.
      return null
    }
  }
  return all === 0 ? null : newer / all
}

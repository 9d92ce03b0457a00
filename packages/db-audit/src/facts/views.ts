import type { AuditClient } from '../audit-client.ts'
import { lookedAt } from './own-objects.ts'

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
  /** Transactions since its row in the catalog was written. */
  age: number
  quotedName: string
  /** Whether a refresh may leave rows as they are, which takes a unique index. */
  mayKeepRows: boolean
  /** No pages of one that is left out. */
  bases: { name: string; pages: number | null }[]
}

/** So many pages of the tables of a view tell its share well enough. */
const sampledPages = 500

/**
 * PostgreSQL keeps no time of the last refresh. But a refresh writes the view's own row in the catalog, and each row of a
 * table says which transaction wrote it: so what is younger than the view can be counted, in a sample. A grant writes
 * that row, too; but where a refresh always writes all rows of the view, these tell its time as well.
 */
export async function readViews(client: AuditClient, leftOut: readonly number[]): Promise<ViewFacts[]> {
  const views = await client.rows<View>(
    `
    with recursive steps as (
      select r.ev_class as above, d.refobjid as below
      from pg_rewrite r join pg_depend d on d.classid = 'pg_rewrite'::regclass and d.objid = r.oid
        and d.refclassid = 'pg_class'::regclass and d.refobjid <> r.ev_class
      union select inhparent, inhrelid from pg_inherits
    ), bases as (
      select above as view, below as relation from steps
      -- Through views and partitioned tables, but no other materialized view: that one holds rows by itself.
      union select b.view, s.below from bases b
        join pg_class c on c.oid = b.relation and c.relkind in ('v', 'p') join steps s on s.above = b.relation
    )
    select n.nspname as schema, c.relname as name, c.relispopulated as "isPopulated", age(c.xmin) as age,
      c.oid::regclass::text as "quotedName",
      exists (select from pg_index i where i.indrelid = c.oid and i.indisunique) as "mayKeepRows",
      (select coalesce(jsonb_agg(jsonb_build_object('name', b.oid::regclass::text,
          'pages', case when b.oid <> all ($1::oid[]) then
            pg_relation_size(b.oid) / current_setting('block_size')::int end)), '[]')
        from bases join pg_class b on b.oid = bases.relation and b.relkind in ('r', 'm')
        where bases.view = c.oid) as bases
    from pg_class c join pg_namespace n on n.oid = c.relnamespace
    where c.relkind = 'm' and ${lookedAt}
    order by 1, 2`,
    [leftOut],
  )
  const found: ViewFacts[] = []
  for (const { age, bases, quotedName, mayKeepRows, ...view } of views) {
    const newer = view.isPopulated
      ? // Not to be read by who asks, or locked: nothing is said of a view that can't be judged.
        await refreshAge(client, { age, quotedName, mayKeepRows })
          .then((refreshed) => newerShare(client, refreshed, bases))
          .catch(() => null)
      : null
    found.push({ ...view, bases: bases.map(({ name }) => name), newer })
  }
  return found
}

/** Transactions since it was refreshed, or since something else wrote its row in the catalog. */
async function refreshAge(
  client: AuditClient,
  { age, quotedName, mayKeepRows }: Pick<View, 'age' | 'quotedName' | 'mayKeepRows'>,
): Promise<number> {
  if (mayKeepRows) return age
  const [row] = await client.rows<{ age: number }>(`select age(xmin) as age from ${quotedName} limit 1`)
  return row?.age ?? age
}

async function newerShare(client: AuditClient, age: number, bases: View['bases']): Promise<number | null> {
  if (bases.some(({ pages }) => pages === null)) return null
  let [newer, all] = [0, 0]
  const pages = bases.reduce((sum, base) => sum + (base.pages ?? 0), 0)
  // The same share of each, or a small table would count for as much as a large one.
  const percent = Math.min(100, (100 * sampledPages) / Math.max(1, pages))
  for (const { name } of bases) {
    const [counted] = await client.rows<{ newer: number; all: number }>(
      `select count(*) filter (where age(xmin) < ${age})::int as newer, count(*)::int as all
      from ${name} tablesample system (${percent})`,
    )
    newer += counted!.newer
    all += counted!.all
  }
  return all === 0 ? null : newer / all
}

import type { AuditClient } from '../audit-client.ts'
import { lookedAt } from './own-objects.ts'

/** A sequence that numbers the rows of a table: its own, or one that a default takes from. */
export interface SequenceFacts {
  readonly schema: string
  readonly name: string
  readonly column: string
  readonly type: string
  readonly last: number
  /** The smaller one of the sequence's end and the column's. */
  readonly most: number
}

export async function readSequences(
  client: AuditClient,
  leftOut: readonly number[],
): Promise<SequenceFacts[]> {
  return client.rows<SequenceFacts>(
    `
    select distinct on (s.schemaname, s.sequencename) s.schemaname as schema, s.sequencename as name, t.relname || '.' || a.attname as column,
      format_type(a.atttypid, null) as type, coalesce(s.last_value, 0)::float8 as last,
      least(s.max_value::float8, case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647
        else 9223372036854775807 end::float8) as most
    from pg_sequences s
    join pg_class c on c.relname = s.sequencename and c.relnamespace = to_regnamespace(quote_ident(s.schemaname))
    cross join lateral (
      select d.refobjid as relation, d.refobjsubid as number from pg_depend d
      where d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
        and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
      union
      select x.adrelid, x.adnum from pg_depend d join pg_attrdef x on x.oid = d.objid
      where d.classid = 'pg_attrdef'::regclass and d.refclassid = 'pg_class'::regclass and d.refobjid = c.oid
    ) used
    join pg_class t on t.oid = used.relation
    join pg_attribute a on a.attrelid = t.oid and a.attnum = used.number
    where s.increment_by > 0 and not s.cycle and c.oid <> all ($1::oid[])
    -- Of several columns, the one that is full first.
    order by 1, 2, a.attlen, 3`,
    [leftOut],
  )
}

/** An integer key that no sequence numbers. */
export interface NumberedKeyFacts {
  readonly schema: string
  readonly table: string
  readonly column: string
  readonly type: string
  readonly least: number
  readonly last: number
  readonly most: number
}

type NumberedKey = Omit<NumberedKeyFacts, 'least' | 'last'> & { ends: string }

/** The ends of a key are the ends of its index, so that asking for them reads next to nothing. */
export async function readNumberedKeys(
  client: AuditClient,
  leftOut: readonly number[],
): Promise<NumberedKeyFacts[]> {
  const keys = await client.rows<NumberedKey>(
    `
    select n.nspname as schema, c.relname as table, a.attname as column, format_type(a.atttypid, null) as type,
      case a.atttypid when 'int2'::regtype then 32767 else 2147483647 end::float8 as most,
      format('select min(%1$I)::float8 as least, max(%1$I)::float8 as last from %2$I.%3$I', a.attname, n.nspname, c.relname)
        as ends
    from pg_index i
    join pg_class c on c.oid = i.indrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
    where i.indisprimary and i.indnkeyatts = 1 and a.atttypid in ('int2'::regtype, 'int4'::regtype)
      and a.attidentity = '' and not c.relispartition and ${lookedAt}
      and not exists (select from pg_attrdef x join pg_depend d on d.classid = 'pg_attrdef'::regclass and d.objid = x.oid
        join pg_class s on s.oid = d.refobjid and d.refclassid = 'pg_class'::regclass and s.relkind = 'S'
        where x.adrelid = c.oid and x.adnum = a.attnum)
    order by 1, 2`,
    [leftOut],
  )
  const found: NumberedKeyFacts[] = []
  for (const { ends, ...key } of keys) {
    // Locked, or not to be read by who asks: nothing is said of it.
    const [range] = await client.rows<{ least: number | null; last: number | null }>(ends).catch(() => [])
    if (range?.least != null && range.last != null)
      found.push({ ...key, least: range.least, last: range.last })
  }
  return found
}

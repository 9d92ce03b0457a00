import type { AuditClient } from '../audit-client.ts'

/** A sequence that numbers the rows of a table. */
export interface SequenceFacts {
  readonly schema: string
  readonly name: string
  readonly column: string
  readonly type: string
  readonly last: number
  /** The smaller one of the sequence's end and the column's. */
  readonly most: number
}

export async function readSequences(client: AuditClient): Promise<SequenceFacts[]> {
  return client.rows<SequenceFacts>(`
    select s.schemaname as schema, s.sequencename as name, t.relname || '.' || a.attname as column,
      format_type(a.atttypid, null) as type, coalesce(s.last_value, 0)::float8 as last,
      least(s.max_value::float8, case a.atttypid when 'int2'::regtype then 32767 when 'int4'::regtype then 2147483647
        else 9223372036854775807 end::float8) as most
    from pg_sequences s
    join pg_class c on c.relname = s.sequencename and c.relnamespace = to_regnamespace(quote_ident(s.schemaname))
    join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = c.oid and d.deptype in ('a', 'i')
      and d.refclassid = 'pg_class'::regclass and d.refobjsubid > 0
    join pg_class t on t.oid = d.refobjid
    join pg_attribute a on a.attrelid = t.oid and a.attnum = d.refobjsubid
    where s.increment_by > 0 and not s.cycle
    order by 1, 2`)
}

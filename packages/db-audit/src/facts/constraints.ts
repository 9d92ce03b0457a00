import type { AuditClient } from '../audit-client.ts'
import { lookedAt } from './own-objects.ts'

export interface ForeignKeyFacts {
  readonly name: string
  readonly tableOid: number
  readonly schema: string
  readonly table: string
  readonly columns: readonly string[]
  readonly types: readonly string[]
  readonly referenced: string
  readonly referencedColumns: readonly string[]
  readonly referencedTypes: readonly string[]
  readonly isValidated: boolean
  /** What people say of it; null if nothing. */
  readonly comment: string | null
}

/** A check, or a `not null`, that was not held against the rows that were there. */
export interface UncheckedFacts {
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly definition: string
}

export async function readUnchecked(
  client: AuditClient,
  leftOut: readonly number[],
): Promise<UncheckedFacts[]> {
  return client.rows<UncheckedFacts>(
    `
    select n.nspname as schema, c.relname as table, x.conname as name, pg_get_constraintdef(x.oid) as definition
    from pg_constraint x
    join pg_class c on c.oid = x.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    -- Since PostgreSQL 18 one may be there that is not to be held.
    where x.contype in ('c', 'n') and not x.convalidated and x.conparentid = 0
      and coalesce(to_jsonb(x) ->> 'conenforced', 'true') = 'true' and ${lookedAt}
    order by 1, 2, 3`,
    [leftOut],
  )
}

export async function readForeignKeys(
  client: AuditClient,
  leftOut: readonly number[],
): Promise<ForeignKeyFacts[]> {
  const names = (table: string, keys: string) => `(select array_agg(a.attname::text order by k.position)
    from unnest(${keys}) with ordinality k (number, position)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = k.number)`
  const types = (
    table: string,
    keys: string,
  ) => `(select array_agg(format_type(a.atttypid, null) order by k.position)
    from unnest(${keys}) with ordinality k (number, position)
    join pg_attribute a on a.attrelid = ${table} and a.attnum = k.number)`
  return client.rows<ForeignKeyFacts>(
    `
    select x.conname as name, x.conrelid::int as "tableOid", n.nspname as schema, c.relname as table,
      ${names('x.conrelid', 'x.conkey')} as columns, ${types('x.conrelid', 'x.conkey')} as types,
      rn.nspname || '.' || r.relname as referenced,
      ${names('x.confrelid', 'x.confkey')} as "referencedColumns", ${types('x.confrelid', 'x.confkey')} as "referencedTypes",
      x.convalidated as "isValidated", obj_description(x.oid, 'pg_constraint') as comment
    from pg_constraint x
    join pg_class c on c.oid = x.conrelid
    join pg_namespace n on n.oid = c.relnamespace
    join pg_class r on r.oid = x.confrelid
    join pg_namespace rn on rn.oid = r.relnamespace
    -- Those of partitions are copies of their table's.
    where x.contype = 'f' and x.conparentid = 0 and ${lookedAt}
    order by 3, 4, 1`,
    [leftOut],
  )
}

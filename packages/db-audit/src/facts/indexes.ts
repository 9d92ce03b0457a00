import type { AuditClient } from '../audit-client.ts'
import { lookedAt } from './own-objects.ts'

export interface IndexFacts {
  readonly oid: number
  readonly tableOid: number
  readonly schema: string
  readonly table: string
  readonly name: string
  readonly definition: string
  readonly method: string
  /** Each key as the index has it: a column or an expression, with its operator class where that is not the default. */
  readonly keys: readonly string[]
  /** The order of each: 1 for descending, 2 for nulls first, 3 for both. */
  readonly orders: readonly number[]
  /** Columns only, of the keys; null stands for an expression. */
  readonly columns: readonly (string | null)[]
  readonly included: readonly string[]
  readonly predicate: string | null
  readonly isUnique: boolean
  readonly isPrimary: boolean
  /** Of a unique constraint; null where none stands on it. */
  readonly constraint: string | null
  /** A foreign key or an exclusion stands on it, or a replica identity, or it is a part of a partitioned index. */
  readonly isBound: boolean
  /** For a unique one: whether it refuses at once, not at the end of the transaction, and whether two nulls are the same. */
  readonly isImmediate: boolean
  readonly isStrictOnNulls: boolean
  readonly isValid: boolean
  readonly bytes: number
  readonly rows: number
  /** The mean bytes of an entry's values; null where nothing was analyzed. */
  readonly entryWidth: number | null
  readonly fillfactor: number
  readonly scans: number
  /** The session that builds or rebuilds it right now. */
  readonly builtBy: number | null
  /** Seconds since it was made, or changed; null where the server keeps no times of transactions. */
  readonly age: number | null
}

export async function readIndexes(client: AuditClient, leftOut: readonly number[]): Promise<IndexFacts[]> {
  return client.rows<IndexFacts>(
    `
    select c.oid::int as oid, i.indrelid::int as "tableOid", n.nspname as schema, t.relname as table, c.relname as name,
      pg_get_indexdef(c.oid) as definition, am.amname as method,
      (select array_agg(pg_get_indexdef(c.oid, k, true)
          || case when oc.opcdefault then '' else ' ' || oc.opcname end
          || case when i.indcollation[k - 1] in (0, a.attcollation) then '' else ' collate ' || i.indcollation[k - 1] end
          order by k)
        from generate_series(1, i.indnkeyatts) k
        join pg_opclass oc on oc.oid = i.indclass[k - 1]
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1]) as keys,
      (select array_agg(o order by k) from unnest(i.indoption::int2[]) with ordinality x (o, k)) as orders,
      (select array_agg(a.attname::text order by k) from generate_series(1, i.indnkeyatts) k
        left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[k - 1] and a.attnum > 0) as columns,
      (select coalesce(array_agg(pg_get_indexdef(c.oid, k, true) order by k), '{}')
        from generate_series(i.indnkeyatts + 1, i.indnatts) k) as included,
      pg_get_expr(i.indpred, i.indrelid) as predicate,
      i.indisunique as "isUnique", i.indisprimary as "isPrimary",
      (select x.conname from pg_constraint x where x.conindid = c.oid and x.contype = 'u') as constraint,
      i.indimmediate as "isImmediate", i.indnullsnotdistinct as "isStrictOnNulls",
      (exists (select from pg_constraint x where x.conindid = c.oid and x.contype not in ('p', 'u')) or i.indisreplident or c.relispartition
        or i.indisexclusion) as "isBound",
      i.indisvalid and i.indisready as "isValid",
      pg_relation_size(c.oid)::float8 as bytes, greatest(c.reltuples, 0)::float8 as rows,
      (select sum(s.avg_width)::float8 from pg_attribute a join pg_stats s on s.schemaname = n.nspname
          and s.tablename = case when i.indexprs is null then t.relname else c.relname end and s.attname = a.attname
        where a.attrelid = case when i.indexprs is null then t.oid else c.oid end
          and (i.indexprs is not null or a.attnum = any (i.indkey))) as "entryWidth",
      coalesce((select option_value::int from pg_options_to_table(c.reloptions) where option_name = 'fillfactor'), 90) as fillfactor,
      coalesce(s.idx_scan, 0)::float8 as scans,
      -- A concurrent rebuild makes one beside the old one, and leaves either invalid for as long as it takes.
      (select p.pid from pg_stat_progress_create_index p
        where p.datid = (select oid from pg_database where datname = current_database()) and (p.index_relid = c.oid
          or (p.relid = t.oid and p.command = 'REINDEX CONCURRENTLY' and c.relname ~ '_cc(new|old)[0-9]*$')) limit 1) as "builtBy",
      case when current_setting('track_commit_timestamp')::boolean and not pg_is_in_recovery()
        then extract(epoch from clock_timestamp() - pg_xact_commit_timestamp(i.xmin)) end::float8 as age
    from pg_index i
    join pg_class c on c.oid = i.indexrelid
    join pg_class t on t.oid = i.indrelid
    join pg_namespace n on n.oid = t.relnamespace
    join pg_am am on am.oid = c.relam
    left join pg_stat_all_indexes s on s.indexrelid = c.oid
    where t.relpersistence in ('p', 'u') and ${lookedAt.replaceAll('c.oid', 't.oid')}
    order by 3, 4, 5`,
    [leftOut],
  )
}

import type { AuditClient } from '../audit-client.ts'
import { lookedAt } from './own-objects.ts'

/** A table (`r`), a partitioned one (`p`) or a materialized view (`m`). */
export interface TableFacts {
  readonly oid: number
  readonly schema: string
  readonly name: string
  readonly kind: 'r' | 'p' | 'm'
  readonly isPartition: boolean
  /** As the planner believes. Of a partitioned table: of all its partitions. */
  readonly rows: number
  /** Of its rows alone, without what is stored beside them; so the pages. */
  readonly bytes: number
  readonly pages: number
  /** The mean bytes of a row's values; null where nothing was analyzed. */
  readonly rowWidth: number | null
  readonly fillfactor: number
  readonly deadRows: number
  readonly liveRows: number
  readonly changedSinceAnalyze: number
  readonly vacuumTrigger: number
  readonly analyzeTrigger: number
  readonly isVacuumed: boolean
  /** What is stored beside its rows follows them unless it is told not to. */
  readonly isToastVacuumed: boolean
  /** Null if it never was. */
  readonly secondsSinceAnalyze: number | null
  readonly inserts: number
  readonly updates: number
  readonly deletes: number
  readonly heapReads: number
  readonly heapHits: number
  readonly indexReads: number
  readonly indexHits: number
  /** Transactions since its oldest row (or part of one, stored beside it) that is not frozen, and when autovacuum forces it. */
  readonly freezeAge: number
  readonly freezeMaxAge: number
  readonly hasPrimaryKey: boolean
  /** Column to type, in their order. */
  readonly columns: Readonly<Record<string, string>>
}

/** `catalog.products` */
export const nameOf = ({ schema, name }: { schema: string; name: string }) => `${schema}.${name}`

export async function readTables(
  client: AuditClient,
  leftOut: readonly number[] = [],
): Promise<TableFacts[]> {
  return client.rows<TableFacts>(
    `
    with setting as (
      select c.oid, option_name as name, option_value as value
      from pg_class c cross join pg_options_to_table(c.reloptions)
    ), own as (
      select c.oid, c.relname, n.nspname, c.relkind, c.relispartition, c.reltuples, c.relfrozenxid,
        (select t.relfrozenxid from pg_class t where t.oid = c.reltoastrelid) as toastfrozenxid,
        (select jsonb_object_agg(s.name, s.value) from setting s where s.oid = c.oid) as options,
        (select jsonb_object_agg(s.name, s.value) from setting s where s.oid = c.reltoastrelid) as toastoptions
      from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'm') and c.relpersistence in ('p', 'u') and ${lookedAt}
    )
    select o.oid::int as oid, o.nspname as schema, o.relname as name, o.relkind as kind, o.relispartition as "isPartition",
      greatest(case o.relkind when 'p' then (
        select coalesce(sum(greatest(leaf.reltuples, 0)), 0) from pg_partition_tree(o.oid) t
        join pg_class leaf on leaf.oid = t.relid where t.isleaf
      ) else o.reltuples end, 0)::float8 as rows,
      pg_relation_size(o.oid)::float8 as bytes,
      pg_relation_size(o.oid)::float8 / current_setting('block_size')::int as pages,
      (select sum(s.avg_width)::float8 from pg_stats s
        where s.schemaname = o.nspname and s.tablename = o.relname and not s.inherited) as "rowWidth",
      coalesce((o.options ->> 'fillfactor')::int, 100) as fillfactor,
      coalesce(s.n_dead_tup, 0)::float8 as "deadRows", coalesce(s.n_live_tup, 0)::float8 as "liveRows",
      coalesce(s.n_mod_since_analyze, 0)::float8 as "changedSinceAnalyze",
      (coalesce(o.options ->> 'autovacuum_vacuum_threshold', current_setting('autovacuum_vacuum_threshold'))::float8
        + coalesce(o.options ->> 'autovacuum_vacuum_scale_factor', current_setting('autovacuum_vacuum_scale_factor'))::float8
          * greatest(o.reltuples, 0)) as "vacuumTrigger",
      (coalesce(o.options ->> 'autovacuum_analyze_threshold', current_setting('autovacuum_analyze_threshold'))::float8
        + coalesce(o.options ->> 'autovacuum_analyze_scale_factor', current_setting('autovacuum_analyze_scale_factor'))::float8
          * greatest(o.reltuples, 0)) as "analyzeTrigger",
      coalesce((o.options ->> 'autovacuum_enabled')::boolean, true) as "isVacuumed",
      coalesce((o.toastoptions ->> 'autovacuum_enabled')::boolean, true) as "isToastVacuumed",
      extract(epoch from clock_timestamp() - greatest(s.last_analyze, s.last_autoanalyze))::float8 as "secondsSinceAnalyze",
      coalesce(s.n_tup_ins, 0)::float8 as inserts, coalesce(s.n_tup_upd, 0)::float8 as updates,
      coalesce(s.n_tup_del, 0)::float8 as deletes,
      coalesce(io.heap_blks_read, 0)::float8 as "heapReads", coalesce(io.heap_blks_hit, 0)::float8 as "heapHits",
      coalesce(io.idx_blks_read, 0)::float8 as "indexReads", coalesce(io.idx_blks_hit, 0)::float8 as "indexHits",
      case when o.relkind = 'p' then 0 else greatest(age(o.relfrozenxid), age(o.toastfrozenxid)) end as "freezeAge",
      least(coalesce((o.options ->> 'autovacuum_freeze_max_age')::int, current_setting('autovacuum_freeze_max_age')::int),
        current_setting('autovacuum_freeze_max_age')::int) as "freezeMaxAge",
      exists (select from pg_index i where i.indrelid = o.oid and i.indisprimary) as "hasPrimaryKey",
      (select coalesce(jsonb_object_agg(a.attname, format_type(a.atttypid, null) order by a.attnum), '{}') from pg_attribute a
        where a.attrelid = o.oid and a.attnum > 0 and not a.attisdropped) as columns
    from own o
    left join pg_stat_all_tables s on s.relid = o.oid
    left join pg_statio_all_tables io on io.relid = o.oid
    order by 2, 3`,
    [leftOut],
  )
}

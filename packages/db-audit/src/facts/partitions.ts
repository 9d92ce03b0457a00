import type { AuditClient } from '../audit-client.ts'
import { lookedAt } from './own-objects.ts'

export interface PartitionedFacts {
  readonly schema: string
  readonly name: string
  /** `r` range, `l` list, `h` hash. */
  readonly strategy: 'r' | 'l' | 'h'
  readonly keyColumns: readonly string[]
  readonly keyTypes: readonly string[]
  readonly partitions: readonly Partition[]
  /** Of a partition that is partitioned itself: what it takes at most. Null for a table that is none. */
  readonly ownBound: string | null
  /** The tables that hold the rows, however deep. */
  readonly leaves: readonly { schema: string; name: string }[]
}

export interface Partition {
  readonly schema: string
  readonly name: string
  /** `FOR VALUES FROM ('2026-11-01') TO ('2026-12-01')` */
  readonly bound: string
  readonly isDefault: boolean
  /** As they are counted, not as the planner believes: of a default partition one row is too many. */
  readonly liveRows: number
}

export async function readPartitioned(
  client: AuditClient,
  leftOut: readonly number[],
): Promise<PartitionedFacts[]> {
  return client.rows<PartitionedFacts>(
    `
    select n.nspname as schema, c.relname as name, p.partstrat as strategy,
      (select coalesce(array_agg(a.attname::text order by k.position), '{}')
        from unnest(p.partattrs::int2[]) with ordinality k (number, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number and a.attnum > 0) as "keyColumns",
      (select coalesce(array_agg(format_type(a.atttypid, null) order by k.position), '{}')
        from unnest(p.partattrs::int2[]) with ordinality k (number, position)
        join pg_attribute a on a.attrelid = c.oid and a.attnum = k.number and a.attnum > 0) as "keyTypes",
      (select coalesce(jsonb_agg(jsonb_build_object('schema', pn.nspname, 'name', part.relname,
          'bound', pg_get_expr(part.relpartbound, part.oid), 'isDefault', part.oid = p.partdefid,
          'liveRows', coalesce(s.n_live_tup, 0)) order by part.relname), '[]')
        from pg_inherits i join pg_class part on part.oid = i.inhrelid join pg_namespace pn on pn.oid = part.relnamespace
        left join pg_stat_all_tables s on s.relid = part.oid
        where i.inhparent = c.oid) as partitions,
      pg_get_expr(c.relpartbound, c.oid) as "ownBound",
      (select coalesce(jsonb_agg(jsonb_build_object('schema', ln.nspname, 'name', leaf.relname)), '[]')
        from pg_partition_tree(c.oid) t join pg_class leaf on leaf.oid = t.relid join pg_namespace ln on ln.oid = leaf.relnamespace
        where t.isleaf and t.relid <> c.oid) as leaves
    from pg_partitioned_table p
    join pg_class c on c.oid = p.partrelid
    join pg_namespace n on n.oid = c.relnamespace
    where ${lookedAt}
    order by 1, 2`,
    [leftOut],
  )
}

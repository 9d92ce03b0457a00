import type pg from 'pg'

/*
 * An index that is built at once, from a filled table, takes a fraction of the time that its upkeep takes row by row. What
 * guards the data stays where it is: primary keys, unique constraints, foreign keys.
 */

/** PostgreSQL describes a partitioned table's index by itself; it is to be made with those of the partitions. */
const withPartitions = String.raw`regexp_replace(pg_get_indexdef(i.indexrelid), '^(CREATE (UNIQUE )?INDEX \S+) ON ONLY ', '\1 ON ')`

/** Drops the indexes of these tables, and keeps in the seed's schema how to make them. Within the run's first transaction. */
export async function setIndexesAside(client: pg.Client, tables: readonly string[]): Promise<void> {
  const { rows } = await client.query(
    `select t.name as table, i.indexrelid::regclass::text as index, ${withPartitions} as definition
     from unnest($1::text[]) as t (name) join pg_index i on i.indrelid = t.name::regclass
     where not exists (select from pg_constraint c where c.conindid = i.indexrelid) order by i.indexrelid`,
    [tables],
  )
  for (const [position, { table, index, definition }] of rows.entries()) {
    await client.query('insert into seed.indexes values ($1, $2, $3)', [table, position, definition])
    await client.query(`drop index ${index}`)
  }
}

/** The statements that make a table's indexes again, in the order in which they were made first. */
export async function indexesOf(client: pg.Client, table: string): Promise<string[]> {
  const { rows } = await client.query(
    'select definition from seed.indexes where table_name = $1 order by position',
    [table],
  )
  return rows.map(({ definition }) => definition)
}

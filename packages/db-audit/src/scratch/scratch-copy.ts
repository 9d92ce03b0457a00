import { randomBytes } from 'node:crypto'
import type { AuditClient } from '../audit-client.ts'
import { scratchPrefix } from '../facts/own-objects.ts'
import type { TableFacts } from '../facts/tables.ts'

/** A copy of a table, or of a sample of it, with all of its indexes. */
export interface ScratchCopy {
  readonly schema: string
  /** Quoted, with its schema. */
  readonly name: string
  readonly rows: number
  /** What inserting a row writes to the write-ahead log, in bytes: the mean of some hundred rows that were there before. */
  walPerInsert(): Promise<number>
}

/** Rows of a copy: enough for the planner to choose as it does for the whole, and copied within seconds. */
const mostRows = 200_000
const insertedRows = 500

/**
 * Begins a transaction and makes it there. That must be rolled back: then nothing of it stays, also after a crash. The rows
 * come by way of temporary tables, so that the table itself is locked, against changes of its definition, for no longer
 * than they are read.
 */
export async function copyTable(client: AuditClient, table: TableFacts): Promise<ScratchCopy> {
  const [columns] = await client.rows<{ names: string }>(
    `select string_agg(quote_ident(attname), ', ' order by attnum) as names from pg_attribute
    where attrelid = $1 and attnum > 0 and not attisdropped and attgenerated = ''`,
    [table.oid],
  )
  const { names } = columns!
  const schema = `${scratchPrefix}${randomBytes(4).toString('hex')}`
  const source = `${quoted(table.schema)}.${quoted(table.name)}`
  const [name, held] = [`${schema}.${quoted(table.name)}`, `${schema}.held`]
  const share = Math.min(100, (100 * mostRows) / table.rows)
  await client.rows('begin')
  await client.rows(`create temporary table freshet_audit_shape (like ${source} including all)`)
  await client.rows(`create temporary table freshet_audit_rows as
    select ${names} from ${source} ${share < 100 ? `tablesample system (${share})` : ''}`)
  await client.rows('commit')
  await client.rows('begin')
  // The first rows of a large table are the same ones each time only so.
  await client.rows('set local synchronize_seqscans = off')
  await client.rows(`create schema ${schema}`)
  await client.rows(`create table ${name} (like pg_temp.freshet_audit_shape including all)`)
  await client.rows(
    `insert into ${name} (${names}) overriding system value select ${names} from pg_temp.freshet_audit_rows`,
  )
  await client.rows(`create table ${held} as select ${names} from ${name} limit ${insertedRows}`)
  await client.rows(`analyze ${name}`)
  const [counted] = await client.rows<{ rows: number }>(`select count(*)::int as rows from ${name}`)
  return {
    schema,
    name,
    rows: counted!.rows,
    async walPerInsert() {
      await client.rows('savepoint insert')
      // In the place of the same rows, or a unique index would refuse them.
      await client.rows(
        `delete from ${name} where ctid = any (array(select ctid from ${name} limit ${insertedRows}))`,
      )
      const [row] = await client.rows<{ 'QUERY PLAN': [{ Plan: { 'WAL Bytes': number } }] }>(
        `explain (analyze, wal, timing off, summary off, format json)
        insert into ${name} (${names}) overriding system value select ${names} from ${held}`,
      )
      await client.rows('rollback to savepoint insert')
      return row!['QUERY PLAN'][0].Plan['WAL Bytes'] / insertedRows
    },
  }
}

/** Ends what {@link copyTable} has begun. */
export async function dropCopy(client: AuditClient): Promise<void> {
  await client.rows('rollback')
  await client.rows('drop table if exists pg_temp.freshet_audit_shape, pg_temp.freshet_audit_rows')
}

const quoted = (name: string) => `"${name.replaceAll('"', '""')}"`

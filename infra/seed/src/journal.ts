import type pg from 'pg'
import type { Run } from './run.ts'

/** How far a stage has come: its next piece is number `pieces`. */
export interface StageProgress {
  pieces: number
  rows: number
  done: boolean
}

/*
 * How far a seed has come, in a schema of its own. Each piece of data is committed together with the line that says so:
 * whatever ends a seed, the two agree. The schema goes when the seed is done, so it also marks a half-seeded database.
 */

/** The run that was begun here and is not done, or null. */
export async function findRun(client: pg.Client): Promise<Run | null> {
  if (!(await isUnfinished(client))) return null
  const { rows } = await client.query('select products, users, events, seed, until from seed.run')
  const { products, users, events, seed, until } = rows[0]
  return { scale: { products, users, events }, seed: Number(seed), until }
}

export async function isUnfinished(client: pg.Client): Promise<boolean> {
  const { rows } = await client.query("select to_regclass('seed.run') is not null as unfinished")
  return rows[0].unfinished
}

/** Within the transaction that prepares the tables. */
export async function beginRun(client: pg.Client, { scale, seed, until }: Run): Promise<void> {
  await client.query(`
    create schema seed;
    create table seed.run (
      products integer not null, users integer not null, events integer not null, seed bigint not null, until timestamptz not null);
    create table seed.stages (name text primary key, pieces integer not null, rows bigint not null, done boolean not null);
    create table seed.indexes (table_name text not null, position integer not null, definition text not null)`)
  const { products, users, events } = scale
  await client.query('insert into seed.run values ($1, $2, $3, $4, $5)', [
    products,
    users,
    events,
    seed,
    until,
  ])
}

export async function progressOf(client: pg.Client, stage: string): Promise<StageProgress> {
  const { rows } = await client.query('select pieces, rows, done from seed.stages where name = $1', [stage])
  return rows[0] ? { ...rows[0], rows: Number(rows[0].rows) } : { pieces: 0, rows: 0, done: false }
}

/** Within the transaction of what it tells of. */
export async function recordProgress(
  client: pg.Client,
  stage: string,
  { pieces, rows, done }: StageProgress,
): Promise<void> {
  await client.query(
    `insert into seed.stages values ($1, $2, $3, $4)
     on conflict (name) do update set pieces = excluded.pieces, rows = excluded.rows, done = excluded.done`,
    [stage, pieces, rows, done],
  )
}

/** The seed is done: nothing of it but the data stays. */
export async function endRun(client: pg.Client): Promise<void> {
  // The commits before it were not waited for; this one is, and with it all of them are safe.
  await client.query('set synchronous_commit = on; drop schema seed cascade')
}

import { setTimeout as sleep } from 'node:timers/promises'
import { withClient } from '@freshet/testing'
import pg from 'pg'

/** Versioned rows in PostgreSQL, with an outbox. */
export interface Rows {
  load(keys: readonly number[]): Promise<number[]>
  /** A new version, and its event, in one transaction. */
  write(key: number): Promise<number>
  /** Some events that wait, in any order. */
  pending(limit: number): Promise<{ seq: string; key: number }[]>
  delivered(seqs: readonly string[]): Promise<void>
  close(): Promise<void>
}

/** After its snapshot a load takes this much longer, at most: as if rows were many, or the network far. */
const LOAD_TAKES_MS = 4

/** Makes the tables. */
export async function createRows(databaseUrl: string, keys: number): Promise<void> {
  await withClient(databaseUrl, async (client) => {
    await client.query(
      'create table versions (id int primary key, version int not null) with (fillfactor = 50)',
    )
    await client.query('create table outbox (seq bigserial primary key, key int not null)')
    await client.query('insert into versions select id, 1 from generate_series(0, $1) id', [keys - 1])
  })
}

export function openRows(databaseUrl: string, { connections }: { connections: number }): Rows {
  const pool = new pg.Pool({ connectionString: databaseUrl, max: connections })
  pool.on('error', () => undefined)
  const statement = (name: string, text: string, values: unknown[]) => pool.query({ name, text, values })
  return {
    async load(keys) {
      const { rows } = await statement('load', 'select id, version from versions where id = any($1)', [keys])
      const found = new Map<number, number>(rows.map(({ id, version }) => [id, version]))
      await sleep(Math.random() * LOAD_TAKES_MS)
      return keys.map((key) => found.get(key)!)
    },
    async write(key) {
      const { rows } = await statement(
        'write',
        `with written as (update versions set version = version + 1 where id = $1 returning id, version),
           told as (insert into outbox (key) select id from written)
         select version from written`,
        [key],
      )
      return rows[0].version
    },
    async pending(limit) {
      const { rows } = await statement('pending', 'select seq, key from outbox order by random() limit $1', [
        limit,
      ])
      return rows
    },
    async delivered(seqs) {
      await statement('delivered', 'delete from outbox where seq = any($1::bigint[])', [seqs])
    },
    close: () => pool.end(),
  }
}

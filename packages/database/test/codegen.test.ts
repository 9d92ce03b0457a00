import { createTestDatabase } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import pg from 'pg'
import { generateDatabaseTypes } from '../src/codegen.ts'
import { provision } from '../src/index.ts'

test("types a service's own tables as the driver gives them, and leaves the migrator's and other schemas' out", async () => {
  const database = await createTestDatabase({ service: 'db_types', provision })
  const client = new pg.Client({ connectionString: database.url })
  await client.connect()
  await client.query(`
    create table things (id bigserial primary key, price numeric not null, day date, at timestamptz not null default now(),
      names text[] not null, data jsonb not null, ratio double precision) partition by range (id);
    create table things_1 partition of things for values from (1) to (2);
    create table schema_migrations (name text)`)
  await client.end()
  const text = await generateDatabaseTypes({ url: database.url, schema: 'db_types' })
  await database.close()
  expect(text).toContain(`export interface Things {
  at: Generated<Timestamp>;
  data: Json;
  day: string | null;
  id: Generated<Int8>;
  names: string[];
  price: Numeric;
  ratio: number | null;
}

export interface DB {
  things: Things;
}`)
  expect(text).toMatch(/^import type/m)
})

import { randomBytes } from 'node:crypto'
import { withClient } from '@freshet/testing'
import { createRows } from './library/rows.ts'

/** A database of this bench alone. */
export interface BenchDatabase {
  readonly url: string
  close(): Promise<void>
}

/** With the tables of the library's rows. */
export async function createBenchDatabase(adminUrl: string, keys: number): Promise<BenchDatabase> {
  // Tests' leftovers are found by the beginning of their names.
  const name = `test_bench_${randomBytes(4).toString('hex')}`
  const url = new URL(adminUrl)
  url.pathname = `/${name}`
  await withClient(adminUrl, (client) => client.query(`create database ${name}`))
  await createRows(url.href, keys)
  return {
    url: url.href,
    close: async () => {
      await withClient(adminUrl, (client) => client.query(`drop database if exists ${name} with (force)`))
    },
  }
}

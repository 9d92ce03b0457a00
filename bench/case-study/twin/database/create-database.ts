import { readFileSync } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { withClient } from '@freshet/testing'
import type pg from 'pg'
import { from as copyFrom, to as copyTo } from 'pg-copy-streams'
import { COPIES } from './copies.ts'

/** A database of the twin, beside Freshet's on one server. */
export interface TwinDatabase {
  readonly name: string
  readonly url: string
}

const script = (name: string) => readFileSync(new URL(`${name}.sql`, import.meta.url), 'utf8')

/** Makes the twin's database and fills it with the rows of a seeded Freshet, whose services may run. */
export async function createTwinDatabase(
  freshetUrl: string,
  name: string,
  signal?: AbortSignal,
): Promise<TwinDatabase> {
  const url = new URL(freshetUrl)
  url.pathname = `/${name}`
  const twin = { name, url: url.href }
  const fill = (source: pg.Client) =>
    withClient(twin.url, async (target) => {
      await target.query(script('schema'))
      // Foreign keys hold in the rows that they are copied from: checking three million again takes a minute.
      await target.query('set session_replication_role = replica')
      for (const [select, into] of COPIES) {
        const rows = source.query(copyTo(`copy (${select}) to stdout`))
        await pipeline(rows, target.query(copyFrom(`copy ${into} from stdin`)))
      }
      await target.query(script('foreign-keys'))
      await target.query('vacuum analyze')
    })
  return making(twin, signal, async () => {
    await onServer(freshetUrl, `create database ${name}`)
    signal?.throwIfAborted()
    await withClient(freshetUrl, fill)
  })
}

/** A second database with the same rows and Freshet's indexes: the step "+ indexes". Nobody may be connected to the first. */
export async function createIndexedTwin(twin: TwinDatabase, signal?: AbortSignal): Promise<TwinDatabase> {
  const name = `${twin.name}_indexed`
  const url = new URL(twin.url)
  url.pathname = `/${name}`
  return making({ name, url: url.href }, signal, async () => {
    await onServer(twin.url, `create database ${name} template ${twin.name}`)
    signal?.throwIfAborted()
    await withClient(url.href, async (client) => {
      await client.query(script('indexes'))
      await client.query('vacuum analyze')
    })
  })
}

/** Leaves no half of a database; an abort cuts off what is sent to it. */
async function making(
  database: TwinDatabase,
  signal: AbortSignal | undefined,
  work: () => Promise<void>,
): Promise<TwinDatabase> {
  const abort = () => void dropDatabase(database).catch(() => {})
  signal?.addEventListener('abort', abort, { once: true })
  try {
    await work()
    return database
  } catch (error) {
    await dropDatabase(database)
    throw error
  } finally {
    signal?.removeEventListener('abort', abort)
  }
}

/** Whatever is still connected is cut off. */
export async function dropDatabase({ name, url }: TwinDatabase): Promise<void> {
  await onServer(url, `drop database if exists ${name} with (force)`)
}

async function onServer(anyUrl: string, statement: string): Promise<void> {
  const url = new URL(anyUrl)
  url.pathname = '/postgres'
  await withClient(url.href, (client) => client.query(statement))
}

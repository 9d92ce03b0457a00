import type pg from 'pg'
import { configure, inTransaction, takeTurn, withClient } from './connection.ts'
import { setIndexesAside } from './indexes.ts'
import { beginRun, endRun, findRun, isUnfinished, progressOf, recordProgress } from './journal.ts'
import { createPartitions } from './months.ts'
import { type AskedRun, checkEmpty, newRun, sameRun } from './run.ts'
import type { Scale } from './scales.ts'
import { SeedError } from './seed-error.ts'
import { filledTables, type Stage, stagesOf } from './stages.ts'

export interface SeedOptions extends AskedRun {
  /** A role that may write to all three schemas, which are migrated, and empty or filled in part by the same seed. */
  adminUrl: string
  onProgress?: (progress: SeedProgress) => void
  /** Aborts: what is committed stays, and the same seed goes on from there. */
  signal?: AbortSignal
  /** How many rows are committed at once: the same for a seed that goes on. Default 50,000. */
  pieceRows?: number
}

/** Told when a table is begun, again and again while its rows are sent, and when it is done. */
export interface SeedProgress {
  /** Or what is done to one: `indexes of catalog.products`. */
  table: string
  /** So far. What the database derives by itself stays where it is while it is at work; null for what makes no rows. */
  rows: number | null
  /** Null where the count is not known beforehand. */
  of: number | null
  done: boolean
}

/** Whether the demo data is there, all of it. False too where the tables are still missing. */
export async function isSeeded(options: { adminUrl: string }): Promise<boolean> {
  return withClient(options.adminUrl, async (client) => {
    if (await isUnfinished(client)) return false
    const { rows } = await client.query("select to_regclass('catalog.products') is not null as migrated")
    if (!rows[0].migrated) return false
    return (await client.query('select exists (select from catalog.products) as seeded')).rows[0].seeded
  })
}

/**
 * Fills all three schemas, piece by piece, each committed with the progress that it is: after an error, a Ctrl-C or a
 * crash the same seed goes on where it was, and ends with the rows of one that was never interrupted.
 * @throws SeedError NOT_MIGRATED, NOT_EMPTY, OTHER_SEED_BEGUN, or BUSY while another process seeds this database: all
 * before anything is written; else SEED_FAILED with its cause
 */
export async function seed(options: SeedOptions): Promise<Scale> {
  return withClient(options.adminUrl, async (client) => {
    const abort = () => void client.end().catch(() => {})
    options.signal?.addEventListener('abort', abort, { once: true })
    try {
      options.signal?.throwIfAborted()
      await takeTurn(client)
      await configure(client)
      return await fill(client, options)
    } catch (cause) {
      // Closing the connection, which withClient does, rolls back: it may be in the middle of a COPY.
      const goesOn = 'the same seed goes on where it was'
      if (options.signal?.aborted)
        throw new SeedError('SEED_FAILED', `The seed was interrupted; ${goesOn}.`, { cause })
      if (cause instanceof SeedError) throw cause
      const reason = cause instanceof Error ? cause.message : String(cause)
      throw new SeedError('SEED_FAILED', `The seed failed; ${goesOn}. ${reason}`, { cause })
    } finally {
      options.signal?.removeEventListener('abort', abort)
    }
  })
}

async function fill(client: pg.Client, options: SeedOptions): Promise<Scale> {
  const begun = await findRun(client)
  const run = begun ? sameRun(begun, options) : newRun(options)
  if (!begun) await checkEmpty(client, options)
  const stages = await stagesOf(client, run, options.pieceRows ?? 50_000)
  if (!begun)
    await inTransaction(client, async () => {
      await beginRun(client, run)
      await setIndexesAside(client, filledTables(stages))
      await createPartitions(client, run.until)
    })
  for (const stage of stages) await complete(client, stage, options)
  await endRun(client)
  return run.scale
}

/** Does what is left of a stage. */
async function complete(
  client: pg.Client,
  { name, of, makesRows, run }: Stage,
  { onProgress = () => {}, signal }: Pick<SeedOptions, 'onProgress' | 'signal'>,
): Promise<void> {
  const tell = (rows: number, done = false) =>
    onProgress({ table: name, rows: makesRows ? rows : null, of, done })
  let progress = await progressOf(client, name)
  if (progress.done) return
  tell(progress.rows)
  while (!progress.done) {
    signal?.throwIfAborted()
    const { pieces, rows: before } = progress
    progress = await inTransaction(client, async () => {
      const { rows, isLast } = await run(pieces, (sent) => tell(before + sent))
      const after = { pieces: pieces + 1, rows: before + rows, done: isLast }
      await recordProgress(client, name, after)
      return after
    })
    tell(progress.rows, progress.done)
  }
}

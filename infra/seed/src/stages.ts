import { setImmediate as turn } from 'node:timers/promises'
import { hash as argon2 } from '@node-rs/argon2'
import type pg from 'pg'
import { type CopyValue, copyRows } from './copy.ts'
import { type DerivedTable, derivedTables, moveSequences } from './derived.ts'
import { indexesOf } from './indexes.ts'
import type { Run } from './run.ts'
import { type TableRows, tablesOf } from './tables.ts'
import { DEMO_PASSWORD } from './users.ts'

/** A part of the seed. It is done in pieces, each of them committed with the progress that it is. */
export interface Stage {
  /** A table, or what is done to it. */
  name: string
  /** How many rows there will be; null where that is not known beforehand. */
  of: number | null
  /** Whether it makes rows at all. */
  makesRows: boolean
  /** Does one piece, within the caller's transaction. Pieces are asked for in order, from any of them. */
  run: (piece: number, onRows: (rows: number) => void) => Promise<{ rows: number; isLast: boolean }>
}

/** What catalog's triggers fill with the products. */
const BY_TRIGGER = ['catalog.product_categories', 'catalog.title_words']

/** Every table that these stages fill. */
export function filledTables(stages: readonly Stage[]): string[] {
  return [...stages.filter(({ makesRows }) => makesRows).map(({ name }) => name), ...BY_TRIGGER]
}

/** All stages, in their order: tables, each with its indexes behind it, then what is derived of them. */
export async function stagesOf(client: pg.Client, run: Run, pieceRows: number): Promise<Stage[]> {
  const tables = tablesOf(run, await demoPasswordHash())
  return [
    ...tables.flatMap((table) => [
      copyStage(client, table, pieceRows),
      indexStage(client, table.table),
      ...(table.table === 'catalog.products' ? BY_TRIGGER.map((filled) => indexStage(client, filled)) : []),
    ]),
    ...derivedTables(run.until).flatMap((table) => [
      derivedStage(client, table),
      indexStage(client, table.table),
    ]),
    sequenceStage(client),
  ]
}

/** The same in every run: a fixed salt is fine for a password that the README prints. */
function demoPasswordHash(): Promise<string> {
  return argon2(DEMO_PASSWORD, { salt: Buffer.from('freshet-demo-salt') })
}

function copyStage(client: pg.Client, { table, columns, rows, of }: TableRows, pieceRows: number): Stage {
  let left: Iterator<readonly CopyValue[]> | undefined
  return {
    name: table,
    of: of ?? null,
    makesRows: true,
    async run(piece, onRows) {
      left ??= await skip(rows()[Symbol.iterator](), piece * pieceRows)
      const count = await copyRows(client, table, columns, upTo(left, pieceRows), onRows)
      return { rows: count, isLast: count < pieceRows }
    },
  }
}

/** What an interrupted seed has stored already is made again, and thrown away: the rest depends on the same draws. */
async function skip<T>(rows: Iterator<T>, count: number): Promise<Iterator<T>> {
  for (let i = 1; i <= count; i++) {
    rows.next()
    // A Ctrl-C, and who tells of progress, want a turn.
    if (i % 10_000 === 0) await turn()
  }
  return rows
}

function* upTo<T>(rows: Iterator<T>, count: number): Generator<T> {
  for (let i = 0; i < count; i++) {
    const { value, done } = rows.next()
    if (done) return
    yield value
  }
}

function derivedStage(client: pg.Client, { table, statements }: DerivedTable): Stage {
  return {
    name: table,
    of: null,
    makesRows: true,
    async run(piece) {
      const { rowCount } = await client.query(statements[piece] as string)
      return { rows: rowCount ?? 0, isLast: piece === statements.length - 1 }
    },
  }
}

/** Also its statistics, which the stages behind it are planned by. */
function indexStage(client: pg.Client, table: string): Stage {
  return {
    name: `indexes of ${table}`,
    of: null,
    makesRows: false,
    async run(piece) {
      const statements = [...(await indexesOf(client, table)), `analyze ${table}`]
      await client.query(statements[piece] as string)
      return { rows: 0, isLast: piece === statements.length - 1 }
    },
  }
}

function sequenceStage(client: pg.Client): Stage {
  return {
    name: 'sequences',
    of: null,
    makesRows: false,
    async run() {
      await moveSequences(client)
      return { rows: 0, isLast: true }
    },
  }
}

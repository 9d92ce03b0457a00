import { isDeepStrictEqual } from 'node:util'
import type pg from 'pg'
import { SCALES, type Scale, type ScaleName } from './scales.ts'
import { SeedError } from './seed-error.ts'

/** What a seed is made from: the same run gives the same rows, to the byte. */
export interface Run {
  scale: Scale
  seed: number
  /** The data's newest moment. */
  until: Date
}

/** What a caller asks for. */
export interface AskedRun {
  /** Default `s`. */
  scale?: ScaleName | Scale
  /** Default 1. */
  seed?: number
  /** Default: the last full hour, so that today has activity, or what an interrupted seed was begun with. */
  until?: Date
  /** Whose database it is, for the commands that an error advises: without it they would mean another one. Default `dev`. */
  profile?: string
}

/** The run to go on with, which must be the one that is asked for. */
export function sameRun(begun: Run, asked: AskedRun): Run {
  const { profile = 'dev' } = asked
  if (isDeepStrictEqual(newRun({ ...asked, until: asked.until ?? begun.until }), begun)) return begun
  throw new SeedError(
    'OTHER_SEED_BEGUN',
    `Another seed was begun here and is not done. "${commandFor(begun)} -p ${profile}" finishes it; "freshet down --delete-data -p ${profile}" begins anew.`,
  )
}

export function newRun({ scale = 's', seed = 1, until }: AskedRun): Run {
  return {
    scale: typeof scale === 'string' ? SCALES[scale] : scale,
    seed,
    until: until ?? new Date(Math.floor(Date.now() / 3_600_000) * 3_600_000),
  }
}

function commandFor({ scale, seed, until }: Run): string {
  const named = Object.entries(SCALES).find(([, numbers]) => isDeepStrictEqual(numbers, scale))
  return `freshet seed --scale ${named?.[0] ?? JSON.stringify(scale)} --seed ${seed} --until ${until.toISOString()}`
}

/** A seed begins in an empty database only. */
export async function checkEmpty(client: pg.Client, { profile = 'dev' }: AskedRun): Promise<void> {
  for (const table of ['catalog.products', 'catalog.categories', 'users.accounts', 'analytics.activity']) {
    const { rows } = await client.query('select to_regclass($1) is not null as there', [table])
    if (!rows[0].there)
      throw new SeedError(
        'NOT_MIGRATED',
        `The table ${table} is missing; run "freshet migrate -p ${profile}" first.`,
      )
    const { rows: found } = await client.query(`select exists (select from ${table}) as filled`)
    if (found[0].filled)
      throw new SeedError(
        'NOT_EMPTY',
        `The table ${table} has rows already; the seed fills an empty database only.`,
      )
  }
}

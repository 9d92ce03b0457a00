import { Kysely, PostgresDialect, type PostgresPool } from 'kysely'
import type { DB } from '../src/generated/db.ts'
import type { Shop } from './shop.ts'

/** What a scan of a plan reads, and by which condition it finds it. */
export interface Scan {
  type: string
  index: string | undefined
  condition: string
}

interface PlanNode {
  'Node Type': string
  'Relation Name'?: string
  'Index Name'?: string
  'Index Cond'?: string
  Plans?: PlanNode[]
}

/**
 * The scans of tables and indexes in each statement that `run` sends: it is explained instead, and finds nothing.
 *
 * @param options.sorts false: as if sorting were so dear that whatever can be read in order is
 */
export async function scansOf(
  shop: Shop,
  run: (db: Kysely<DB>) => Promise<unknown>,
  { sorts = true }: { sorts?: boolean } = {},
): Promise<Scan[][]> {
  const plans: Scan[][] = []
  const client = await shop.database.pool.connect()
  const pool = {
    connect: async () => ({
      async query(statement: string, values: readonly unknown[]) {
        const { rows } = await client.query(`explain (format json) ${statement}`, [...values])
        plans.push(scans(rows[0]['QUERY PLAN'][0].Plan))
        return { command: 'SELECT', rowCount: 0, rows: [] }
      },
      release() {},
    }),
    async end() {},
  } as unknown as PostgresPool
  try {
    if (!sorts) await client.query('set enable_sort = off')
    await run(new Kysely<DB>({ dialect: new PostgresDialect({ pool }) }))
  } finally {
    // Closed, for what was set.
    client.release(true)
  }
  return plans
}

function scans(node: PlanNode): Scan[] {
  const below = (node.Plans ?? []).flatMap(scans)
  const { 'Node Type': type, 'Index Name': index, 'Index Cond': condition = '' } = node
  return index || node['Relation Name'] ? [{ type, index, condition }, ...below] : below
}

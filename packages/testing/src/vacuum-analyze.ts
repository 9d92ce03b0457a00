import { eventually } from './eventually.ts'
import { withClient } from './with-client.ts'

/**
 * For tests of plans: vacuums and analyzes until an index alone tells of every row. While something else in the database looks
 * at rows (autovacuum that analyzes another table, say) a vacuum marks none for that, and an index only scan looks dear.
 *
 * @param url of the tables' owner, or a superuser's
 * @param tables as SQL names them
 */
export async function vacuumAnalyze(url: string, ...tables: readonly string[]): Promise<void> {
  await withClient(url, (client) =>
    eventually(async () => {
      await client.query(`vacuum analyze ${tables.join(', ')}`)
      const { rows } = await client.query<{ name: string }>(
        `select relname as name from pg_class where oid = any($1::text[]::regclass[]) and relallvisible < relpages`,
        [tables],
      )
      if (rows.length > 0)
        throw new Error(`${rows.map(({ name }) => name).join(', ')}: not all rows are marked`)
    }),
  )
}

import { withClient } from './with-client.ts'

const keptTemplates = 12

/** Removes what killed test runs left: their databases, those of a killed generate or lint, and the oldest templates. Only when no other run can be using them. */
export async function dropLeftovers(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `(select datname from pg_database where datname like 'test\\_%'
          or datname ~ '^freshet_(generate|lint)_[0-9a-f]{8}$')
       union all
       (select datname from pg_database where datname like 'template\\_%\\_%' order by oid desc offset $1)`,
      [keptTemplates],
    )
    for (const { datname } of rows) {
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`)
    }
  })
}

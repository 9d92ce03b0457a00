import { withClient } from './with-client.ts'

const keptTemplates = 12

/** Removes what killed test runs left: their databases, and the oldest templates. Only when no other run can be using them. */
export async function dropLeftovers(adminUrl: string): Promise<void> {
  await withClient(adminUrl, async (client) => {
    const { rows } = await client.query<{ datname: string }>(
      `(select datname from pg_database where datname like 'test\\_%')
       union all
       (select datname from pg_database where datname like 'template\\_%\\_%' order by oid desc offset $1)`,
      [keptTemplates],
    )
    for (const { datname } of rows) {
      await client.query(`drop database if exists ${client.escapeIdentifier(datname)} with (force)`)
    }
  })
}

import { provision } from '@freshet/database'
import { createTestDatabase, type TestDatabase } from '@freshet/testing'
import pg from 'pg'

/** A database of a test's own, with a session that may do everything in it. */
export interface Audited {
  readonly server: TestDatabase
  readonly admin: pg.Client
  close(): Promise<void>
}

/** So often that one time in which the machine was busy makes no slow statement of it. */
export async function repeatedly(client: pg.Client, statement: string): Promise<void> {
  for (let time = 0; time < 60; time++) await client.query(statement)
}

/** @param service also the schema's name */
export async function openAudited(service: string): Promise<Audited> {
  const server = await createTestDatabase({ service, provision })
  const admin = new pg.Client({ connectionString: server.adminUrl })
  admin.on('error', () => {})
  await admin.connect()
  return {
    server,
    admin,
    async close() {
      await admin.end()
      await server.close()
    },
  }
}

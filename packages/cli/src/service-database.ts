import { withDatabase } from './urls.ts'

/** The services' database: the one that FRESHET_POSTGRES_URL names, else `freshet` on the server that runs here. */
export function serviceDatabase(postgresAdminUrl: string): string {
  const named = new URL(postgresAdminUrl).pathname.slice(1)
  return named === '' || named === 'postgres' ? withDatabase(postgresAdminUrl, 'freshet') : postgresAdminUrl
}

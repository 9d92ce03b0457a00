import { migrate, provision, serviceUrl } from '@freshet/database'
import { generateService } from '@freshet/subgraph/codegen'
import { generation } from './generation.ts'

/*
 * Writes src/generated/ from schema/ and migrations/: `pnpm generate`, with POSTGRES_ADMIN_URL naming a
 * database that may be filled (an empty one will do).
 */
const adminUrl = process.env.POSTGRES_ADMIN_URL
if (adminUrl === undefined) {
  process.stderr.write(
    'Set POSTGRES_ADMIN_URL to an empty database, as a superuser: postgres://postgres@127.0.0.1:5432/empty\n',
  )
  process.exit(1)
}
const { service } = generation
const password = 'generate'
await provision({ adminUrl, service, password })
const url = serviceUrl(adminUrl, service, password)
await migrate({ url, service, folder: new URL('./migrations/', import.meta.url) })
await generateService(generation, url)

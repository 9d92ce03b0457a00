import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { readManifests } from '@freshet/local'

/** The services that own tables, and where the steps to them lie. */
export function servicesWithMigrations(): { name: string; migrations: string }[] {
  return readManifests()
    .filter(({ kind }) => kind === 'subgraph')
    .map(({ name, folder }) => ({ name, migrations: join(folder, 'migrations') }))
    .filter(({ migrations }) => existsSync(migrations))
}

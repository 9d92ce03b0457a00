import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { generateDatabaseTypes } from '@freshet/database/codegen'
import { generateResolverTypes, type ResolverTypesOptions } from './resolver-types.ts'

/** What a service's generated files are made from. */
export interface ServiceGeneration extends Omit<ResolverTypesOptions, 'schema'> {
  /** The service's name, which is its database schema's too. */
  service: string
  /** The service's folder, with `schema/` and `src/generated/` in it. */
  folder: URL
}

/**
 * The generated files' texts by their path within the service's folder.
 * @param databaseUrl a database with all of the service's migrations
 */
export async function generatedFiles(
  { service, folder, ...resolvers }: ServiceGeneration,
  databaseUrl: string,
): Promise<Record<string, string>> {
  const [graphql, db] = await Promise.all([
    generateResolverTypes({ ...resolvers, schema: new URL('schema/', folder) }),
    generateDatabaseTypes({ url: databaseUrl, schema: service }),
  ])
  return { 'src/generated/graphql.ts': graphql, 'src/generated/db.ts': db }
}

/** Writes the generated files: the whole of a service's `generate` script. */
export async function generateService(generation: ServiceGeneration, databaseUrl: string): Promise<void> {
  const files = await generatedFiles(generation, databaseUrl)
  await mkdir(new URL('src/generated/', generation.folder), { recursive: true })
  for (const [path, text] of Object.entries(files)) await writeFile(new URL(path, generation.folder), text)
}

/** For a service's test: the paths of the generated files that are not what they would be if generated now. */
export async function staleFiles(generation: ServiceGeneration, databaseUrl: string): Promise<string[]> {
  const files = await generatedFiles(generation, databaseUrl)
  const stale: string[] = []
  for (const [path, text] of Object.entries(files)) {
    const committed = await readFile(new URL(path, generation.folder), 'utf8').catch(() => null)
    if (committed !== text) stale.push(path)
  }
  return stale
}

import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { ConfigError, loadConfig, telemetryEnvironment } from '@freshet/config'
import { z } from 'zod'
import { InvalidSetupError } from './errors.ts'
import { externalProblems, type PartName } from './external.ts'
import { readManifests, type ServiceManifest } from './manifests.ts'

/**
 * What tells a process where it and the others are: the launcher's to say. A stray PORT or DATABASE_URL of the
 * developer's shell must not end up in a service.
 */
const ours: ReadonlySet<string> = new Set([
  'HOST',
  'PORT',
  'SUBGRAPH_SECRET',
  'DATABASE_URL',
  'REDIS_URL',
  'SESSION_REDIS_URL',
  'KAFKA_BROKERS',
  'SUBGRAPHS',
  'SESSIONS_SUBGRAPH',
  'CACHE_DOMAIN',
])

/** What a program needs to run at all, and telemetry's settings. */
const everybodys = /^(PATH|HOME|USER|LANG|LC_.*|TMPDIR|NODE_EXTRA_CA_CERTS|OTEL_.*)$/

/** The variables that a service gets of the launcher's own: what tunes it, as its `src/config.ts` declares. */
export async function inherited(
  manifest: Pick<ServiceManifest, 'folder'>,
  env: NodeJS.ProcessEnv,
): Promise<NodeJS.ProcessEnv> {
  const declared = Object.keys((await schemaOf(manifest)).shape)
  const isInherited = (name: string) => everybodys.test(name) || (declared.includes(name) && !ours.has(name))
  return Object.fromEntries(Object.entries(env).filter(([name]) => isInherited(name)))
}

/**
 * Throws with everything that is wrong with the environment: variables that replace a part, that a service or the
 * gateway would refuse (long after everything else has been started), and telemetry's.
 */
export async function requireUsableEnvironment(
  parts: readonly PartName[],
  env: NodeJS.ProcessEnv,
): Promise<void> {
  const schemas = await Promise.all(readManifests().map(schemaOf))
  const problems = [
    ...(await externalProblems(parts, env)),
    ...new Set([...schemas, telemetryEnvironment].flatMap((schema) => problemsOf(schema, env))),
  ]
  if (problems.length === 0) return
  const count = problems.length === 1 ? 'a problem' : `${problems.length} problems`
  throw new InvalidSetupError(`The environment has ${count}; nothing was started`, problems)
}

function problemsOf(schema: z.ZodObject, env: NodeJS.ProcessEnv): string[] {
  try {
    loadConfig(schema, env)
    return []
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error
    // What is ours is not set yet.
    return error.problems
      .filter(({ name }) => !ours.has(name))
      .map(({ name, problem }) => `${name} ${problem}`)
  }
}

// Imported by its path: this package knows no service, only that each has its settings in one file.
async function schemaOf({ folder }: Pick<ServiceManifest, 'folder'>): Promise<z.ZodObject> {
  const file = join(folder, 'src', 'config.ts')
  if (!existsSync(file)) return z.object({})
  const exported = Object.values((await import(pathToFileURL(file).href)) as Record<string, unknown>)
  return exported.find((value) => value instanceof z.ZodObject) ?? z.object({})
}

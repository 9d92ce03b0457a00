import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { z } from 'zod'
import { InvalidSetupError } from './errors.ts'
import { workspaceRoot } from './layout.ts'

const Topic = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*(\.[a-z][a-z0-9-]*)+$/, 'is not <owner>.<aggregate> in lower case'),
  partitions: z.int().min(1).max(1_000),
  /** -1 keeps for ever. */
  retentionMs: z.int().min(-1),
  cleanupPolicy: z.enum(['delete', 'compact', 'compact,delete']),
})

const Manifest = z.strictObject({
  name: z.string().regex(/^[a-z][a-z0-9-]*$/, 'is not lower case with dashes'),
  kind: z.enum(['subgraph', 'gateway']),
  port: z.int().min(1).max(65_535),
  topics: z.array(Topic),
})

/** One Kafka topic that a service declares. */
export type TopicDefinition = z.infer<typeof Topic>

/** A `service.json` and the folder that it describes. */
export type ServiceManifest = z.infer<typeof Manifest> & { folder: string }

/** The names of the clone's subgraphs. */
export function subgraphNames(): string[] {
  return readManifests()
    .filter(({ kind }) => kind === 'subgraph')
    .map(({ name }) => name)
}

/** Every service of the clone: subgraphs by name, then the gateway. Throws with all problems of all files. */
export function readManifests(root: string = workspaceRoot): ServiceManifest[] {
  const services = join(root, 'services')
  const folders = existsSync(services)
    ? readdirSync(services)
        .sort()
        .map((name) => join(services, name))
    : []
  const files = [...folders, join(root, 'gateway')]
    .map((folder) => join(folder, 'service.json'))
    .filter(existsSync)
  const problems: string[] = []
  const manifests: ServiceManifest[] = []
  for (const file of files) {
    const shown = relative(root, file)
    try {
      const parsed = Manifest.safeParse(JSON.parse(readFileSync(file, 'utf8')))
      if (parsed.success) manifests.push({ ...parsed.data, folder: dirname(file) })
      else
        problems.push(
          ...parsed.error.issues.map((issue) => `${shown}: ${issue.path.join('.')}: ${issue.message}`),
        )
    } catch (error) {
      problems.push(`${shown}: ${error instanceof Error ? error.message : String(error)}`)
    }
  }
  problems.push(
    ...repeated(
      'service',
      manifests.map((one) => one.name),
    ),
  )
  problems.push(
    ...repeated(
      'topic',
      manifests.flatMap((one) => one.topics.map((topic) => topic.name)),
    ),
  )
  if (problems.length > 0) throw new InvalidSetupError('Invalid service definitions', problems)
  return manifests
}

function repeated(what: string, names: string[]): string[] {
  return [...new Set(names.filter((name, index) => names.indexOf(name) !== index))].map(
    (name) => `${what} ${name} is declared twice`,
  )
}

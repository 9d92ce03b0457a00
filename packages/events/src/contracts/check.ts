import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { EventDefinition } from '../event.ts'
import { checkCompatible, checkReadable, type JsonSchema } from './compatibility.ts'
import type { ServiceReading } from './discover.ts'
import { dataSchema, eventContracts, schemaFile } from './documents.ts'

/** The text of a file, null when there is none. */
async function textOf(path: string): Promise<string | null> {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return null
    throw error
  }
}

/** What the declared events would break, for readers of the schemas that are committed under `root`; one line each. */
export async function findBreaks(root: string, definitions: readonly EventDefinition[]): Promise<string[]> {
  const found: string[] = []
  for (const event of definitions) {
    const committed = await textOf(join(root, schemaFile(event)))
    if (committed === null) continue
    const breaks = checkCompatible(JSON.parse(committed) as JsonSchema, dataSchema(event))
    found.push(...breaks.map(({ path, kind, message }) => `${event.type}: ${path} ${kind}: ${message}`))
  }
  return found
}

/** Which committed contracts are not what the declarations say; one line each. */
export async function findStale(root: string, definitions: readonly EventDefinition[]): Promise<string[]> {
  const found: string[] = []
  for (const [file, text] of Object.entries(eventContracts(definitions))) {
    const committed = await textOf(join(root, file))
    if (committed === null) found.push(`${file} is missing: run \`npm run generate\``)
    else if (committed !== text) found.push(`${file} is not what the code declares: run \`npm run generate\``)
  }
  return found
}

/** What consumers read that the events' owners do not promise; one line each. */
export function findUnreadable(
  definitions: readonly EventDefinition[],
  readings: readonly ServiceReading[],
): string[] {
  return readings.flatMap(({ service, file, reading }) => {
    const event = definitions.find(({ type }) => type === reading.type)
    if (!event) return [`${service} reads ${reading.type}, which nobody sends (${file})`]
    const wrongTopic =
      event.topic === reading.topic
        ? []
        : [`${service} reads ${reading.type} from ${reading.topic}; it is sent to ${event.topic} (${file})`]
    const breaks = checkReadable(dataSchema(event), dataSchema(reading))
    return [
      ...wrongTopic,
      ...breaks.map(
        ({ path, kind, message }) =>
          `${service} can't read all of ${event.type}: ${path} ${kind}: ${message} (${file})`,
      ),
    ]
  })
}

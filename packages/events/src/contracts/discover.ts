import { glob } from 'node:fs/promises'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { EventDefinition, EventReading } from '../event.ts'

/** What a service reads of an event. */
export interface ServiceReading {
  /** `users`, or `gateway`. */
  readonly service: string
  /** The file that declares it, from the root. */
  readonly file: string
  readonly reading: EventReading
}

/**
 * Every event type that is declared in the repository, and every reading: what `services/*` and `gateway` export
 * from their `*.events.ts` files.
 */
export async function discoverEvents(
  root: string,
): Promise<{ definitions: EventDefinition[]; readings: ServiceReading[] }> {
  const files: string[] = []
  for await (const file of glob(['services/*/src/**/*.events.ts', 'gateway/src/**/*.events.ts'], {
    cwd: root,
  })) {
    files.push(file)
  }
  const definitions = new Set<EventDefinition>()
  const readings = new Map<EventReading, ServiceReading>()
  for (const file of files.sort()) {
    const service = file.split('/')[file.startsWith('services/') ? 1 : 0] ?? ''
    const exported: Record<string, unknown> = await import(pathToFileURL(join(root, file)).href)
    for (const value of Object.values(exported)) {
      if (!isReading(value)) continue
      if (isDefinition(value)) definitions.add(value)
      else readings.set(value, { service, file, reading: value })
    }
  }
  return { definitions: [...definitions], readings: [...readings.values()] }
}

const isReading = (value: unknown): value is EventReading =>
  value instanceof Object && 'type' in value && 'topic' in value && 'data' in value && isSchema(value.data)

const isSchema = (value: unknown) => value instanceof Object && 'safeParse' in value

const isDefinition = (reading: EventReading): reading is EventDefinition => 'subject' in reading

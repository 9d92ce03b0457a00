import { createTopics as create, deleteTopics, withKafkaAdmin } from '@freshet/local'
import { parts } from './parts.ts'

/** Creates topics for one test file; `close()` deletes them. */
export async function createTopics(
  names: readonly string[],
  options: { partitions?: number; config?: Record<string, string> } = {},
): Promise<{ close: () => Promise<void> }> {
  const { partitions = 1, config = {} } = options
  const configEntries = Object.entries(config).map(([name, value]) => ({ name, value }))
  await withKafkaAdmin(parts().kafkaBrokers, (admin) =>
    create(
      admin,
      names.map((topic) => ({ topic, numPartitions: partitions, configEntries })),
    ),
  )
  return {
    close: () => deleteTopics(parts().kafkaBrokers, names),
  }
}

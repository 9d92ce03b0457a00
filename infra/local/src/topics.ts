import { withKafkaAdmin } from './kafka.ts'
import type { TopicDefinition } from './manifests.ts'

/** What was done to make the cluster agree with the definitions. */
export type TopicChanges = {
  created: string[]
  widened: string[]
  reconfigured: string[]
  problems: string[]
}

/**
 * Makes the declared topics exist: creates, adds partitions, corrects retention and clean-up. Never deletes and never
 * takes partitions away (Kafka cannot): that is reported as a problem. Safe to run at the same time twice.
 */
export async function ensureTopics(
  brokers: readonly string[],
  definitions: readonly TopicDefinition[],
): Promise<TopicChanges> {
  const changes: TopicChanges = { created: [], widened: [], reconfigured: [], problems: [] }
  if (definitions.length === 0) return changes
  const { default: kafkajs } = await import('kafkajs')
  return withKafkaAdmin(brokers, async (admin) => {
    const existing = new Set(await admin.listTopics())
    const missing = definitions.filter((topic) => !existing.has(topic.name))
    if (missing.length > 0) {
      await admin.createTopics({
        waitForLeaders: true,
        topics: missing.map((topic) => ({
          topic: topic.name,
          numPartitions: topic.partitions,
          configEntries: Object.entries(configOf(topic)).map(([name, value]) => ({ name, value })),
        })),
      })
      changes.created.push(...missing.map((topic) => topic.name))
    }

    const present = definitions.filter((topic) => existing.has(topic.name))
    if (present.length === 0) return changes
    const { topics } = await admin.fetchTopicMetadata({ topics: present.map((topic) => topic.name) })
    for (const topic of present) {
      const partitions = topics.find((one) => one.name === topic.name)?.partitions.length ?? 0
      if (partitions < topic.partitions) {
        await admin.createPartitions({ topicPartitions: [{ topic: topic.name, count: topic.partitions }] })
        changes.widened.push(topic.name)
      } else if (partitions > topic.partitions) {
        changes.problems.push(
          `topic ${topic.name} has ${partitions} partitions, ${topic.partitions} are declared, and Kafka cannot take any away: declare ${partitions}, or move to a new topic`,
        )
      }
    }

    const described = await admin.describeConfigs({
      includeSynonyms: false,
      resources: present.map((topic) => ({
        type: kafkajs.ConfigResourceTypes.TOPIC,
        name: topic.name,
        configNames: ['cleanup.policy', 'retention.ms'],
      })),
    })
    const wrong = present.filter((topic) => {
      const entries = described.resources.find((one) => one.resourceName === topic.name)?.configEntries ?? []
      return Object.entries(configOf(topic)).some(
        ([name, value]) => entries.find((entry) => entry.configName === name)?.configValue !== value,
      )
    })
    if (wrong.length > 0) {
      await admin.alterConfigs({
        validateOnly: false,
        resources: wrong.map((topic) => ({
          type: kafkajs.ConfigResourceTypes.TOPIC,
          name: topic.name,
          configEntries: Object.entries(configOf(topic)).map(([name, value]) => ({ name, value })),
        })),
      })
      changes.reconfigured.push(...wrong.map((topic) => topic.name))
    }
    return changes
  })
}

/**
 * Deletes topics, in Kafka's own time. One that is not there is as good as deleted: when the answer to a request is lost,
 * the client sends it again, and finds nothing. Kafka deletes those of a request that it knows.
 */
export async function deleteTopics(brokers: readonly string[], names: readonly string[]): Promise<void> {
  try {
    await withKafkaAdmin(brokers, (admin) => admin.deleteTopics({ topics: [...names] }))
  } catch (error) {
    // The client tries again, and tells in the end what it was for.
    const { cause = error } = error as { cause?: unknown }
    if ((cause as { type?: string }).type !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
  }
}

function configOf(topic: TopicDefinition): Record<string, string> {
  return { 'cleanup.policy': topic.cleanupPolicy, 'retention.ms': String(topic.retentionMs) }
}

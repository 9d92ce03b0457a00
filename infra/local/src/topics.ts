import { setTimeout as wait } from 'node:timers/promises'
import type { Admin, ITopicConfig } from 'kafkajs'
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
      await createTopics(
        admin,
        missing.map((topic) => ({
          topic: topic.name,
          numPartitions: topic.partitions,
          configEntries: Object.entries(configOf(topic)).map(([name, value]) => ({ name, value })),
        })),
      )
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

/** What a broker says of a topic that it has not heard of yet, or that has no leader yet. */
const NOT_YET = new Set(['UNKNOWN_TOPIC_OR_PARTITION', 'LEADER_NOT_AVAILABLE'])
const KNOWN_WITHIN_MS = 30_000
const LOOK_EVERY_MS = 50

/**
 * Creates topics, and resolves when the brokers know them and each of their partitions has a leader. The client's own
 * `waitForLeaders` knows that a leader may come later, but not that the topic itself may: a broker hears of it in its own time.
 */
export async function createTopics(
  admin: Pick<Admin, 'createTopics' | 'fetchTopicMetadata'>,
  topics: ITopicConfig[],
): Promise<void> {
  await admin.createTopics({ topics, waitForLeaders: false })
  const deadline = Date.now() + KNOWN_WITHIN_MS
  for (;;) {
    try {
      await admin.fetchTopicMetadata({ topics: topics.map(({ topic }) => topic) })
      return
    } catch (error) {
      if (!NOT_YET.has(typeOf(error) ?? '') || Date.now() > deadline) throw error
    }
    await wait(LOOK_EVERY_MS)
  }
}

/** Where the client tries again, it tells in the end what it was for. */
function typeOf(error: unknown): string | undefined {
  const { cause = error } = error as { cause?: unknown }
  return (cause as { type?: string }).type
}

/**
 * Deletes topics, in Kafka's own time. One that is not there is as good as deleted: when the answer to a request is lost,
 * the client sends it again, and finds nothing. Kafka deletes those of a request that it knows.
 */
export async function deleteTopics(brokers: readonly string[], names: readonly string[]): Promise<void> {
  try {
    await withKafkaAdmin(brokers, (admin) => admin.deleteTopics({ topics: [...names] }))
  } catch (error) {
    if (typeOf(error) !== 'UNKNOWN_TOPIC_OR_PARTITION') throw error
  }
}

function configOf(topic: TopicDefinition): Record<string, string> {
  return { 'cleanup.policy': topic.cleanupPolicy, 'retention.ms': String(topic.retentionMs) }
}

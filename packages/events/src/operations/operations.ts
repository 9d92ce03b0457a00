import { randomUUID } from 'node:crypto'
import kafkajs from 'kafkajs'
import { type EventBus, type GroupLag, type IncomingMessage, UndeclaredTopicError } from '../bus.ts'
import { type Cut, cutOf, deadLetterTopic, type Failure, failureOf, replayOf } from '../dead-letter.ts'
import { type CloudEvent, readEnvelope } from '../event.ts'
import { createKafkaBus } from '../kafka-bus.ts'
import { createKafkaClient, type KafkaClientOptions } from '../kafka-client.ts'
import { toBusError } from '../kafka-errors.ts'
import { wait } from '../wait.ts'
import { readPrefix, readTopic } from './read-topic.ts'

/** A message as a person looks at it. */
export interface ObservedMessage {
  readonly message: IncomingMessage
  /** Null when it is no CloudEvent. */
  readonly event: CloudEvent | null
}

/** A dead letter, and whether a replay has been past it. */
export interface DeadLetter extends ObservedMessage {
  readonly failure: Failure
  /** Set when only a stub of the message could be stored: it can't be replayed. */
  readonly cut: Cut | null
  readonly replayed: boolean
}

/** Which of a service's dead letters to replay; all that were not, unless told otherwise. */
export interface ReplaySelection {
  /** Names one letter: its partition and offset in the dead-letter topic. */
  readonly only?: { readonly partition: number; readonly offset: string }
}

/** What `freshet events` does. Everything throws `BusUnavailableError` when Kafka can't be reached. */
export interface EventOperations {
  /** Every consumer group's distance to the end of each of its topics, from their beginning where nothing is committed; what this package itself keeps is left out. */
  lag(): Promise<GroupLag[]>
  /** Shows messages as they come, until the signal. */
  tail(options: {
    topic: string
    fromBeginning?: boolean
    signal: AbortSignal
    show: (observed: ObservedMessage) => void
  }): Promise<void>
  deadLetters(service: string): Promise<DeadLetter[]>
  /**
   * Sends dead letters once more, to their topic, addressed to the group that failed. Returns what was sent. An
   * event that had its effect after all is skipped there by its inbox; one that fails again is a new dead letter.
   * Stubs are left out: their messages lie in their own topic only.
   */
  replay(service: string, selection?: ReplaySelection): Promise<DeadLetter[]>
  close(): Promise<void>
}

const { MemberMetadata } = kafkajs.AssignerProtocol
const LOOKS_AT_JOINING = 10
const LOOK_EVERY_MS = 200

const tailPrefix = 'freshet-tail-'
const markerSuffix = '.replayed'

/** A group that handles events: marks of replays and what a person watches have no lag that means anything. */
const isConsumer = ({ groupId, protocolType }: { groupId: string; protocolType: string }) =>
  protocolType === 'consumer' &&
  !groupId.endsWith(`${deadLetterTopic('')}${markerSuffix}`) &&
  !groupId.startsWith(tailPrefix) &&
  !groupId.startsWith(readPrefix)

/**
 * Opens what looks into Kafka for a person.
 *
 * How far replays have come is kept as the offsets of a consumer group (`<service>.dead-letters.replayed`): the
 * letters themselves stay until the topic forgets them.
 */
export function createEventOperations(options: KafkaClientOptions): EventOperations {
  const kafka = createKafkaClient(options)
  const bus: EventBus = createKafkaBus(options)
  const admin = kafka.admin()
  let connected: Promise<void> | null = null
  const connect = () =>
    (connected ??= admin.connect().catch((error: unknown) => {
      throw toBusError(error)
    }))
  const markerOf = (service: string) => `${deadLetterTopic(service)}${markerSuffix}`

  async function deadLetters(service: string): Promise<DeadLetter[]> {
    await connect()
    const topic = deadLetterTopic(service)
    if (!(await admin.listTopics()).includes(topic)) throw new UndeclaredTopicError(topic)
    const marks = await admin.fetchOffsets({ groupId: markerOf(service), topics: [topic] })
    const marked = new Map(marks[0]?.partitions.map(({ partition, offset }) => [partition, BigInt(offset)]))
    const messages = await readTopic(kafka, admin, topic)
    return messages
      .map((message) => ({ ...observe(message), failure: failureOf(message), cut: cutOf(message) }))
      .filter((letter): letter is typeof letter & { failure: Failure } => letter.failure !== null)
      .map((letter) => ({
        ...letter,
        replayed: BigInt(letter.message.offset) < (marked.get(letter.message.partition) ?? -1n),
      }))
      .sort((a, b) => a.failure.at.localeCompare(b.failure.at))
  }

  /** Everything up to and with these letters has been replayed. */
  async function mark(service: string, letters: readonly DeadLetter[]): Promise<void> {
    const next = new Map<number, bigint>()
    for (const { message } of letters) {
      const after = BigInt(message.offset) + 1n
      if (after > (next.get(message.partition) ?? 0n)) next.set(message.partition, after)
    }
    if (next.size === 0) return
    const partitions = [...next].map(([partition, offset]) => ({ partition, offset: String(offset) }))
    await admin.setOffsets({ groupId: markerOf(service), topic: deadLetterTopic(service), partitions })
  }

  /**
   * Of every topic that the group has committed for or that a member reads: one that has just begun, or that fails at
   * its first message, has committed nothing. A group may outlive a topic of its own, also one that is deleted while we
   * ask: that one has no lag.
   */
  async function lagOf(groupId: string): Promise<GroupLag[]> {
    const committed = (await admin.fetchOffsets({ groupId })).map(({ topic }) => topic)
    const named = [...new Set([...committed, ...(await topicsRead(groupId))])]
    for (let attempt = 1; ; attempt++) {
      const existing = new Set(await admin.listTopics())
      const topics = named.filter((topic) => existing.has(topic))
      try {
        return await bus.lag(groupId, topics)
      } catch (error) {
        if (!(error instanceof UndeclaredTopicError) || attempt === 3) throw error
      }
    }
  }

  /**
   * What the members of a group have subscribed to. Kafka tells nothing of them while they join: that is waited for, but not for
   * long, for a member that hangs keeps the others joining.
   */
  async function topicsRead(groupId: string): Promise<string[]> {
    for (let attempt = 1; ; attempt++) {
      const { groups } = await admin.describeGroups([groupId])
      const metadata = groups.flatMap(({ members }) => members.map((member) => member.memberMetadata))
      const told = metadata.filter(({ length }) => length > 0)
      if (told.length === metadata.length || attempt === LOOKS_AT_JOINING)
        return told.flatMap((bytes) => MemberMetadata.decode(bytes)?.topics ?? [])
      await wait(LOOK_EVERY_MS)
    }
  }

  return {
    deadLetters,
    async lag() {
      await connect()
      const { groups } = await admin.listGroups()
      const lags: GroupLag[] = []
      for (const { groupId } of groups.filter(isConsumer)) {
        lags.push(...(await lagOf(groupId)))
      }
      return lags.sort((a, b) => a.group.localeCompare(b.group) || a.topic.localeCompare(b.topic))
    },
    async tail({ topic, fromBeginning = false, signal, show }) {
      await connect()
      const group = `${tailPrefix}${randomUUID()}`
      const subscription = await bus.subscribe({
        group,
        topics: [topic],
        fromBeginning,
        async handle({ messages, done }) {
          for (const message of messages) {
            if (signal.aborted) return
            show(observe(message))
            done(message)
          }
        },
      })
      await new Promise<void>((resolve) => {
        if (signal.aborted) resolve()
        signal.addEventListener('abort', () => resolve(), { once: true })
      })
      await subscription.close()
      // Left over, it would expire by itself after a week.
      await admin.deleteGroups([group]).catch(() => {})
    },
    async replay(service, { only } = {}) {
      const letters = await deadLetters(service)
      const chosen = only
        ? letters.filter(
            ({ message }) => message.partition === only.partition && message.offset === only.offset,
          )
        : letters.filter(({ replayed }) => !replayed)
      if (chosen.length === 0) return []
      const whole = chosen.filter(({ cut }) => cut === null)
      if (only && whole.length === 0) {
        const { topic, partition, offset } = chosen[0]!.failure
        throw new Error(
          `The letter is only the beginning of ${topic} ${partition}:${offset}; it can't be replayed`,
        )
      }
      await bus.publish(whole.map(({ message, failure }) => replayOf(message, failure)))
      // One that was picked out says nothing of those before it.
      if (!only) await mark(service, chosen)
      return whole
    },
    async close() {
      await bus.close()
      await connected?.then(() => admin.disconnect()).catch(() => {}) // It never connected: that was reported.
    },
  }
}

function observe(message: IncomingMessage): ObservedMessage {
  try {
    return { message, event: message.value === null ? null : readEnvelope(message.value) }
  } catch {
    // Shown as it is: looking at what can't be read is what this is for.
    return { message, event: null }
  }
}

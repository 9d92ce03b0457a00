/** A message to be published. Messages of one key and topic keep their order. */
export interface OutgoingMessage {
  readonly topic: string
  readonly key: string | null
  readonly value: Buffer | string | null
  readonly headers?: Readonly<Record<string, string>>
}

/** How long a publisher waits. */
export interface PublishOptions {
  /**
   * For a publisher that somebody waits for: no later than this it hears a BusUnavailableError, and at once while
   * Kafka is known to fail. What is not on its way by then is not sent. Without it, the bus's own patience.
   */
  readonly deadlineMs?: number
}

/** A message as it was received. `value` is null for a tombstone. */
export interface IncomingMessage {
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly key: string | null
  readonly value: Buffer | null
  readonly headers: Readonly<Record<string, string>>
  /** When the broker got it, ms since the epoch. */
  readonly timestampMs: number
}

/** Some messages of one partition, in order. */
export interface Delivery {
  readonly topic: string
  readonly partition: number
  readonly messages: readonly IncomingMessage[]
  /** Aborted when the subscription closes or the partition is taken away: stop after the current effect. */
  readonly signal: AbortSignal
  /** The effect of this message, and of all before it, is done: its offset may be committed. */
  done: (message: IncomingMessage) => void
  /**
   * Leaves the rest for later: after `delayMs` the partition is delivered again from the first message not done.
   * Other partitions go on meanwhile, and the group's membership is kept.
   */
  pause: (delayMs: number) => void
}

/** What a subscriber asks for. */
export interface SubscribeOptions {
  /** The consumer group: the processes of a service that share the work. */
  readonly group: string
  readonly topics: readonly string[]
  /** Where a group without offsets starts. Default true: the oldest message that is kept. */
  readonly fromBeginning?: boolean
  /** Partitions handled at the same time. Default 4. */
  readonly concurrency?: number
  /** The delivery is repeated from the first message not done: with backoff if it throws, after 1 s if it just returns. */
  handle(delivery: Delivery): Promise<void>
}

/** A running subscription. */
export interface Subscription {
  /** Resolves once the group has given this member its partitions. */
  ready(): Promise<void>
  /** Waits (bounded) for running effects, commits what is done, leaves the group. */
  close(): Promise<void>
}

/** How far a group is behind in a topic, in messages, over all partitions. */
export interface GroupLag {
  readonly group: string
  readonly topic: string
  readonly lag: number
  readonly partitions: readonly { partition: number; committed: string | null; end: string; lag: number }[]
}

/** The port to the event stream: kafkajs implements it (`createKafkaBus`), a test may pass something smaller. */
export interface EventBus {
  /**
   * Resolves when every in-sync replica has all of them.
   *
   * @throws UndeclaredTopicError, MessageRefusedError (these can't succeed), BusUnavailableError (may, later).
   */
  publish(messages: readonly OutgoingMessage[], options?: PublishOptions): Promise<void>
  /** @throws UndeclaredTopicError */
  subscribe(options: SubscribeOptions): Promise<Subscription>
  /** @throws UndeclaredTopicError naming the first one that does not exist. */
  requireTopics(topics: readonly string[]): Promise<void>
  lag(group: string, topics: readonly string[]): Promise<GroupLag[]>
  /** @throws BusUnavailableError when no broker answers. */
  ping(): Promise<void>
  /** Bounded; closes every subscription first. */
  close(): Promise<void>
}

/** A topic that nobody declared. Topics are never created by using them. */
export class UndeclaredTopicError extends Error {
  readonly code = 'TOPIC_UNDECLARED'
  readonly topic: string
  constructor(topic: string, options?: ErrorOptions) {
    super(
      `Topic '${topic}' does not exist. Declare it in the "topics" of its owner's service.json; ` +
        'topics are created from there when the system starts, never by use.',
      options,
    )
    this.name = 'UndeclaredTopicError'
    this.topic = topic
  }
}

/** Kafka will never take this message (too large, invalid): sending it again is of no use. */
export class MessageRefusedError extends Error {
  readonly code = 'MESSAGE_REFUSED'
  constructor(reason: string, options?: ErrorOptions) {
    super(`Kafka refused the message: ${reason}`, options)
    this.name = 'MessageRefusedError'
  }
}

/** Kafka can't be reached, or can't store now. Nothing is known about what was sent: it may have arrived. */
export class BusUnavailableError extends Error {
  readonly code = 'BUS_UNAVAILABLE'
  constructor(reason: string, options?: ErrorOptions) {
    super(`Kafka is unavailable: ${reason}`, options)
    this.name = 'BusUnavailableError'
  }
}

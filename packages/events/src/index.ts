export {
  BusUnavailableError,
  type Delivery,
  type EventBus,
  type GroupLag,
  type IncomingMessage,
  MessageRefusedError,
  type OutgoingMessage,
  type SubscribeOptions,
  type Subscription,
  UndeclaredTopicError,
} from './bus.ts'
export { createConsumer, type EventConsumer } from './consumer.ts'
export { findBreaks, findStale, findUnreadable } from './contracts/check.ts'
export {
  checkCompatible,
  checkReadable,
  type JsonSchema,
  type SchemaBreak,
} from './contracts/compatibility.ts'
export { discoverEvents, type ServiceReading } from './contracts/discover.ts'
export { dataSchema, eventContracts } from './contracts/documents.ts'
export { deadLetterTopic } from './dead-letter.ts'
export {
  type CloudEvent,
  defineEvent,
  defineReading,
  type EventDefinition,
  type EventProblem,
  type EventReading,
  InvalidEventError,
  makeEvent,
  type NewEvent,
  parseEvent,
  readData,
  readEnvelope,
  UnreadableEventError,
} from './event.ts'
export { type EffectContext, type EventHandler, on, onBatch } from './handlers.ts'
export { inboxMigration, once, onceMany, pruneInbox } from './inbox.ts'
export { defineInvalidated, type Invalidated, isSequence } from './invalidated.ts'
export { createKafkaBus } from './kafka-bus.ts'
export {
  createEventOperations,
  type DeadLetter,
  type EventOperations,
  type ObservedMessage,
} from './operations/operations.ts'
export { type ParkedEvent, parkedEvents, retryParked } from './operations/parked.ts'
export { appendEvents, newEvent, outboxMigration } from './outbox.ts'
export { publishEvents } from './publish.ts'
export { rawId } from './raw-id.ts'
export { createOutboxRelay, type OutboxRelay } from './relay.ts'
export { TransientError } from './transient.ts'

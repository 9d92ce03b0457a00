import type { CloudEvent, EventReading } from './event.ts'

/** What a handler is given beside the event. */
export interface EffectContext {
  /** The consumer's name for the inbox: its group. */
  readonly consumer: string
  /** 1 for the first try. */
  readonly attempt: number
  /** Aborted when the consumer closes or loses the partition: what is not committed by then is delivered again. */
  readonly signal: AbortSignal
}

/** The reaction to one event type. Made by `on` or `onBatch`. */
export type EventHandler =
  | {
      readonly kind: 'one'
      readonly reading: EventReading
      readonly handle: (event: CloudEvent, context: EffectContext) => Promise<void>
    }
  | {
      readonly kind: 'batch'
      readonly reading: EventReading
      readonly handle: (events: readonly CloudEvent[], context: EffectContext) => Promise<void>
      readonly maxEvents: number
    }

/**
 * Handles events of a type one at a time, in the order of their partition. Delivery is at least once: make the
 * effect idempotent, or guard it with `once`.
 */
export function on<Data>(
  reading: EventReading<Data>,
  handle: (event: CloudEvent<Data>, context: EffectContext) => Promise<void>,
): EventHandler {
  // The consumer calls it only with events that it has read by this very `reading`.
  return { kind: 'one', reading, handle: handle as Extract<EventHandler, { kind: 'one' }>['handle'] }
}

/**
 * Handles up to `maxEvents` (default 500) consecutive events of a type at once: one transaction for all, with
 * `onceMany`. When it fails for another reason than an outage, each event is tried alone, so that one poisonous
 * event doesn't take the others with it. The whole batch must therefore be undone when it throws.
 */
export function onBatch<Data>(
  reading: EventReading<Data>,
  handle: (events: readonly CloudEvent<Data>[], context: EffectContext) => Promise<void>,
  { maxEvents = 500 }: { maxEvents?: number } = {},
): EventHandler {
  return {
    kind: 'batch',
    reading,
    handle: handle as Extract<EventHandler, { kind: 'batch' }>['handle'],
    maxEvents,
  }
}

/**
 * Two handlers of one type would each wait for the other's retries; the second belongs into a group of its own.
 *
 * @throws TypeError
 */
export function requireDistinctTypes(handlers: readonly EventHandler[]): void {
  const types = handlers.map(({ reading }) => reading.type)
  const twice = types.find((type, index) => types.indexOf(type) !== index)
  if (twice) throw new TypeError(`Two handlers for ${twice} in one consumer: give the second its own group`)
}

/** A batch handler as one that takes a single event. */
export const single = (
  handler: Extract<EventHandler, { kind: 'batch' }>,
): Extract<EventHandler, { kind: 'one' }> => ({
  kind: 'one',
  reading: handler.reading,
  handle: (event, context) => handler.handle([event], context),
})

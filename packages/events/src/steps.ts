import type { IncomingMessage } from './bus.ts'
import { onlyGroupHeader } from './dead-letter.ts'
import { type CloudEvent, readData, readEnvelope } from './event.ts'
import type { EventHandler } from './handlers.ts'

type One = Extract<EventHandler, { kind: 'one' }>
type Batch = Extract<EventHandler, { kind: 'batch' }>

/** What a consumer does next with its messages. */
export type Step =
  | { kind: 'skip'; message: IncomingMessage; why: 'unknown-type' | 'tombstone' | 'other-group' }
  | { kind: 'unreadable'; message: IncomingMessage; error: Error }
  | { kind: 'one'; message: IncomingMessage; event: CloudEvent; handler: One }
  | { kind: 'batch'; messages: IncomingMessage[]; events: CloudEvent[]; handler: Batch }

/** Reads the messages and puts neighbours of one batch handler together, keeping the order. */
export function planSteps(
  messages: readonly IncomingMessage[],
  handlers: readonly EventHandler[],
  group: string,
): Step[] {
  const steps: Step[] = []
  for (const message of messages) {
    const read = readStep(message, handlers, group)
    if (!('event' in read)) {
      steps.push(read)
      continue
    }
    const { event, handler } = read
    if (handler.kind === 'one') {
      steps.push({ kind: 'one', message, event, handler })
      continue
    }
    const last = steps.at(-1)
    if (last?.kind === 'batch' && last.handler === handler && last.events.length < handler.maxEvents) {
      last.messages.push(message)
      last.events.push(event)
    } else {
      steps.push({ kind: 'batch', messages: [message], events: [event], handler })
    }
  }
  return steps
}

function readStep(
  message: IncomingMessage,
  handlers: readonly EventHandler[],
  group: string,
): Extract<Step, { kind: 'skip' | 'unreadable' }> | { event: CloudEvent; handler: EventHandler } {
  if (message.value === null) return { kind: 'skip', message, why: 'tombstone' }
  const onlyGroup = message.headers[onlyGroupHeader]
  if (onlyGroup && onlyGroup !== group) return { kind: 'skip', message, why: 'other-group' }
  try {
    const envelope = readEnvelope(message.value)
    const handler = handlers.find(
      ({ reading }) => reading.type === envelope.type && reading.topic === message.topic,
    )
    if (!handler) return { kind: 'skip', message, why: 'unknown-type' }
    return { event: readData(handler.reading, envelope), handler }
  } catch (error) {
    return { kind: 'unreadable', message, error: error instanceof Error ? error : new Error(String(error)) }
  }
}

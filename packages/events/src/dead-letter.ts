import type { IncomingMessage, OutgoingMessage } from './bus.ts'

/** The topic of a service's dead letters; declared in its service.json. */
export const deadLetterTopic = (service: string): string => `${service}.dead-letters`

/** A message with this header is for one consumer group; the others skip it. Set by a replay. */
export const onlyGroupHeader = 'freshet-only-group'

/** Why and where a message failed, as read from a dead letter's headers. */
export interface Failure {
  readonly reason: 'unreadable' | 'failed'
  readonly error: string
  readonly code: string
  readonly topic: string
  readonly partition: number
  readonly offset: string
  readonly group: string
  readonly attempts: number
  readonly at: string
}

const prefix = 'freshet-dead-letter-'

/**
 * The dead letter of a message: its key, bytes and headers as they were, and the failure in further headers.
 *
 * There is one dead-letter topic per service, and no retry topics. A retry topic delays one message without
 * blocking its partition, but the next message of the same key then overtakes it, and every topic must be declared,
 * watched and replayed for each delay. Here a failing message is tried again in place for a moment (a race, a row
 * that comes late), an outage pauses the partition for as long as it lasts, and what then still fails is poison, to
 * be looked at by a person and replayed (`freshet events replay`).
 */
export function deadLetterOf(service: string, message: IncomingMessage, failure: Failure): OutgoingMessage {
  const headers: Record<string, string> = { ...message.headers }
  for (const [name, value] of Object.entries(failure)) headers[prefix + name] = headerText(String(value))
  return { topic: deadLetterTopic(service), key: message.key, value: message.value, headers }
}

/** The failure that a dead letter tells of; null for a message that is none. */
export function failureOf(letter: IncomingMessage): Failure | null {
  const read = (name: keyof Failure) => letter.headers[prefix + name]
  const topic = read('topic')
  const group = read('group')
  if (!topic || !group) return null
  return {
    reason: read('reason') === 'unreadable' ? 'unreadable' : 'failed',
    error: read('error') ?? '',
    code: read('code') ?? '',
    topic,
    partition: Number(read('partition') ?? -1),
    offset: read('offset') ?? '',
    group,
    attempts: Number(read('attempts') ?? 0),
    at: read('at') ?? '',
  }
}

/** The original message, addressed to the group that failed: other groups had its effect long ago. */
export function replayOf(letter: IncomingMessage, failure: Failure): OutgoingMessage {
  const headers = Object.fromEntries(
    Object.entries(letter.headers).filter(([name]) => !name.startsWith(prefix)),
  )
  return {
    topic: failure.topic,
    key: letter.key,
    value: letter.value,
    headers: { ...headers, [onlyGroupHeader]: failure.group },
  }
}

/** One line, bounded: a header is for a glance, the log has the stack. */
const headerText = (text: string) => text.replaceAll(/\s+/g, ' ').slice(0, 1000)

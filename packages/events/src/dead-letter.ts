import { createHash } from 'node:crypto'
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

/** What a letter that could only be stored in part says of the whole message. */
export interface Cut {
  /** Size of the message's value. */
  readonly bytes: number
  /** SHA-256 of the message's value. */
  readonly sha256: string
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

/** Enough to recognise a message by. */
export const stubBytes = 64 * 1024

/**
 * The dead letter of a message that Kafka takes from its producer, but not with our headers beside it: where it
 * lies, its size and digest, and its first bytes. It has none of the message's own headers, which may be what is too
 * large; the whole message stays in its topic for as long as that keeps messages.
 */
export function stubLetterOf(
  service: string,
  message: IncomingMessage,
  failure: Failure,
  firstBytes: number,
): OutgoingMessage {
  const value = message.value ?? Buffer.alloc(0)
  const cut: Cut = { bytes: value.length, sha256: createHash('sha256').update(value).digest('hex') }
  const letter = deadLetterOf(service, { ...message, headers: {} }, failure)
  const headers: Record<string, string> = { ...letter.headers }
  for (const [name, told] of Object.entries(cut)) headers[prefix + name] = String(told)
  return { ...letter, key: message.key?.slice(0, 200) ?? null, value: value.subarray(0, firstBytes), headers }
}

/** What a letter leaves out; null for a whole one. */
export function cutOf(letter: IncomingMessage): Cut | null {
  const sha256 = letter.headers[`${prefix}sha256`]
  return sha256 ? { bytes: Number(letter.headers[`${prefix}bytes`] ?? 0), sha256 } : null
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

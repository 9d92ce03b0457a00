import type { KafkaMessage } from 'kafkajs'
import type { IncomingMessage } from './bus.ts'

/** A message of kafkajs as one of the port's: headers as text. */
export function toIncoming(topic: string, partition: number, message: KafkaMessage): IncomingMessage {
  const headers: Record<string, string> = {}
  for (const [name, value] of Object.entries(message.headers ?? {})) {
    const text = Array.isArray(value) ? value[0] : value
    if (text !== undefined) headers[name] = text.toString()
  }
  return {
    topic,
    partition,
    offset: message.offset,
    key: message.key?.toString() ?? null,
    value: message.value,
    headers,
    timestampMs: Number(message.timestamp),
  }
}

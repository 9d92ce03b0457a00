import { randomBytes } from 'node:crypto'

/** `<prefix>-<random>`: lower case, safe as a topic, a consumer group, a Redis key or (quoted) an SQL name. */
export function uniqueName(prefix = 'test'): string {
  return `${prefix}-${randomBytes(5).toString('hex')}`
}

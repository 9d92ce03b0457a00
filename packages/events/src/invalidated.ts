import { z } from 'zod'
import { defineEvent, type EventDefinition } from './event.ts'

/** What an owner tells the caches outside of it, once its own cache is clean. */
export interface Invalidated {
  /** The owner's cache domain. */
  readonly domain: string
  /** Whatever depends on one of these is old. */
  readonly tags: readonly string[]
  /** The sequence of the owner's own INVALIDATE (see @freshet/cache): comparable within the domain. */
  readonly sequence: string
}

const MAX_AHEAD_MS = 3_600_000
const DIGITS = /^\d{1,16}$/

const data = z.object({
  domain: z.string().regex(/^[a-z][a-z0-9-]*$/),
  tags: z.array(z.string().min(1).max(200)).min(1),
  sequence: z
    .string()
    .regex(DIGITS)
    .refine(isSequence, { error: 'lies more than an hour ahead of the clock' })
    .describe("Of the owner's own invalidation, in µs of Redis' clock; not read when over an hour ahead."),
})

/**
 * Whether this may be the sequence of an invalidation, in µs of Redis' clock.
 *
 * A cache that follows a sequence asks its owner for at least that, so one that Redis reaches only in years would keep
 * the owner's L1 from ever being read. The hour is for clocks that differ; small numbers are sequences, too.
 */
export function isSequence(sequence: string): boolean {
  return DIGITS.test(sequence) && Number(sequence) <= (Date.now() + MAX_AHEAD_MS) * 1_000
}

/**
 * The event by which a service's invalidations reach the caches outside of it: `freshet.<service>.invalidated.v1` on the
 * topic `<service>.invalidations`. It is published only after the service's own INVALIDATE was acknowledged, so an outer
 * cache that follows it can't refill itself from an inner one that is still old.
 *
 * @example
 * export const invalidated = defineInvalidated('catalog')
 */
export function defineInvalidated(service: string): EventDefinition<Invalidated> {
  return defineEvent({
    type: `freshet.${service}.invalidated.v1`,
    topic: `${service}.invalidations`,
    description: `Entries of ${service}'s cache with these tags were replaced, and its own cache is clean of them.`,
    subject: ({ domain }) => domain,
    data,
  })
}

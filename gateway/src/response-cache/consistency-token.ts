import { createHmac, timingSafeEqual } from 'node:crypto'
import { GraphQLError } from 'graphql'
import { LRUCache } from 'lru-cache'
import { z } from 'zod'
import type { CommittedWrite } from './committed-write.ts'

/**
 * For clients that talk to several gateways, or to one whose cache could not be reached while they wrote: a mutation's
 * answer carries a token in the header `freshet-consistency`, and a request that brings it back sees that write, wherever
 * it arrives. The token says what was invalidated; a gateway that has not heard of it invalidates it before it looks for an
 * answer. Within one gateway nobody needs it.
 *
 * Signed, for it makes caches empty. A client may send several, separated by commas.
 */
export interface ConsistencyTokens {
  /** Undefined when nothing was written. */
  issue(writes: readonly CommittedWrite[]): string | undefined
  /** @throws {GraphQLError} BAD_REQUEST, HTTP status 400, when it is not a token of this system */
  honour(header: string | readonly string[] | undefined): Promise<void>
}

export const CONSISTENCY_HEADER = 'freshet-consistency'

/** `late` on a mutation's answer: until its invalidation is repeated, others may be answered as if it had not been. */
export const INVALIDATION_HEADER = 'freshet-invalidation'

/** A header's size is limited, by this server and by every proxy on the way. */
const MOST_TAGS = 40
const MOST_TOKENS = 10
const REMEMBERED = 10_000

const Writes = z
  .array(
    z.object({
      service: z.string(),
      tags: z.union([z.array(z.string()), z.literal('all')]),
      sequence: z
        .string()
        .regex(/^\d{1,16}$/)
        .nullable(),
    }),
  )
  .max(20)

/** @param parts.secret the same in every gateway of the system */
export function createConsistencyTokens(parts: {
  secret: string
  onWrite: (write: CommittedWrite) => Promise<unknown>
}): ConsistencyTokens {
  const { secret, onWrite } = parts
  /** What was done for a token holds for good: once in each process is enough. */
  const honoured = new LRUCache<string, true>({ max: REMEMBERED })

  const signatureOf = (payload: string) =>
    createHmac('sha256', secret).update(`consistency.${payload}`).digest('base64url')

  async function honourOne(token: string): Promise<void> {
    const [payload = '', signature = '', ...more] = token.split('.')
    const expected = Buffer.from(signatureOf(payload))
    const given = Buffer.from(signature)
    const isOurs = given.length === expected.length && timingSafeEqual(given, expected)
    // A third part is no part of what is signed: with one, a token would count as new again and again.
    if (!isOurs || more.length > 0) throw refused()
    if (honoured.has(signature)) return
    for (const write of Writes.parse(JSON.parse(Buffer.from(payload, 'base64url').toString())))
      await onWrite(write)
    honoured.set(signature, true)
  }

  return {
    issue(writes) {
      if (writes.length === 0) return undefined
      // 'all' has three letters: it is never too long.
      const bounded = writes.map((write) => ({
        ...write,
        tags: write.tags.length > MOST_TAGS ? ('all' as const) : write.tags,
      }))
      const payload = Buffer.from(JSON.stringify(bounded)).toString('base64url')
      const signature = signatureOf(payload)
      honoured.set(signature, true)
      return `${payload}.${signature}`
    },
    async honour(header) {
      if (header === undefined) return
      const tokens = [header]
        .flat()
        .join(',')
        .split(',')
        .map((token) => token.trim())
      // An empty one is what a proxy makes of a header that is not there.
      const given = tokens.filter((token) => token !== '')
      if (given.length > MOST_TOKENS) throw refused()
      for (const token of given) await honourOne(token)
    },
  }
}

function refused(): GraphQLError {
  const message = `The ${CONSISTENCY_HEADER} header is not what a mutation was answered with, or has more than ${MOST_TOKENS} of them. Leave it out to go on without.`
  return new GraphQLError(message, {
    extensions: { code: 'BAD_REQUEST', http: { status: 400, headers: new Map() } },
  })
}

import { defineEvent, rawId } from '@freshet/events'
import { z } from 'zod'
import { userTag } from './account.cache.ts'

/** A public profile as other services may show it. */
export const accountChanged = defineEvent({
  type: 'freshet.users.account-changed.v1',
  topic: 'users.account',
  description: 'An account was opened, or its profile or preferences changed.',
  subject: (data) => data.userId,
  data: z.object({
    userId: rawId.describe('The raw id of the account.'),
    handle: z.string(),
    displayName: z.string(),
    change: z.enum(['created', 'updated']),
  }),
})

/** `created` too: somebody may have asked for the id before it existed, and that there is none is cached. */
export const accountChangedTags = ({ userId }: { userId: string }): string[] => [userTag(userId)]

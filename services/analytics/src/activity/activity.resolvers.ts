import { BusUnavailableError, newEvent, publishEvents } from '@freshet/events'
import { boundedInt, decodeId, encodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'
import { activityTracked } from './activity.events.ts'
import { RECENTLY_VIEWED_LENGTH } from './recently-viewed.repository.ts'
import { readActivities } from './track.ts'

export const activityResolvers: Resolvers = {
  Mutation: {
    async track(_root, { input }, { bus, viewer, now }) {
      const activities = readActivities(input.events, { userId: viewer()?.id ?? null, now })
      try {
        await publishEvents(
          bus,
          'analytics',
          activities.map((activity) => newEvent(activityTracked, activity)),
        )
      } catch (error) {
        if (!(error instanceof BusUnavailableError)) throw error
        // Some may have arrived. Sending all of them again is safe: each is counted once.
        const message = 'Events can not be taken just now. Send them again in a while, with the same ids.'
        return { accepted: 0, userErrors: [{ code: 'UNAVAILABLE', message, field: null }] }
      }
      return { accepted: activities.length, userErrors: [] }
    },
  },

  User: {
    __resolveReference: ({ id }) => ({ userId: decodeId('User', id) }),
    id: ({ userId }) => encodeId('User', userId),
    async recentlyViewed({ userId }, { first }, { loaders, viewer }) {
      const limit = boundedInt(first ?? 10, { argument: 'first', min: 1, max: RECENTLY_VIEWED_LENGTH })
      if (viewer()?.id !== userId) return null
      return (await loaders.recentlyViewed.byUserId.load(userId)).slice(0, limit)
    },
  },

  RecentlyViewed: {
    product: ({ productId }) => ({ productId }),
    viewedAt: ({ viewedAt }) => new Date(viewedAt),
  },
}

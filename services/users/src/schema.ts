import { accountResolvers } from './account/account.resolvers.ts'
import type { Resolvers } from './generated/graphql.ts'
import { notificationResolvers } from './notification/notification.resolvers.ts'
import { sessionResolvers } from './session/session.resolvers.ts'
import { wishlistResolvers } from './wishlist/wishlist.resolvers.ts'

/** The folder of the contract. */
export const schema = new URL('../schema/', import.meta.url)

export const resolvers: Resolvers = {
  ...accountResolvers,
  ...sessionResolvers,
  ...wishlistResolvers,
  ...notificationResolvers,
  // Several entities have a say in these two.
  Mutation: {
    ...accountResolvers.Mutation,
    ...sessionResolvers.Mutation,
    ...wishlistResolvers.Mutation,
    ...notificationResolvers.Mutation,
  },
  User: {
    ...accountResolvers.User,
    ...sessionResolvers.User,
    ...wishlistResolvers.User,
    ...notificationResolvers.User,
  },
}

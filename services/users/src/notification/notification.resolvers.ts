import { badUserInput, decodeId, encodeId, pageArguments, toConnection } from '@freshet/subgraph'
import { isOwner, signedInViewer } from '../account/account.resolvers.ts'
import type { Resolvers } from '../generated/graphql.ts'

/** The most that one call may mark by id. */
const MOST_IDS = 100

export const notificationResolvers: Resolvers = {
  Mutation: {
    markNotificationsRead: async (_root, { input }, context) => {
      const { id } = signedInViewer(context)
      const ids = input.ids == null ? null : readIds(input.ids)
      const markedCount = await context.commands.notification.markRead(id, ids)
      context.forgetLoaded()
      return { markedCount, userErrors: [] }
    },
  },
  User: {
    notifications: async (account, args, context) => {
      if (!isOwner(account, context)) return null
      const page = await context.loaders.notification.page.load({
        parent: account.id,
        page: pageArguments(args),
      })
      return { ...toConnection(page), userId: account.id }
    },
  },
  NotificationConnection: {
    unreadCount: ({ userId }, _args, { loaders }) => loaders.notification.unread.load(userId),
  },
  Notification: {
    id: ({ id }) => encodeId('Notification', id),
    product: ({ productId }) => (productId === null ? null : { id: productId }),
  },
}

function readIds(ids: readonly string[]): string[] {
  if (ids.length > MOST_IDS) throw badUserInput('input.ids', `\`input.ids\` may have at most ${MOST_IDS} ids`)
  return ids.map((id, index) => decodeId('Notification', id, `input.ids[${index}]`))
}

import { isOwner, sessionPayload } from '../account/account.resolvers.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { orUnavailable } from '../unavailable.ts'

export const sessionResolvers: Resolvers = {
  Mutation: {
    signIn: async (_root, { input }, context) =>
      sessionPayload(await orUnavailable(context.commands.session.signIn(input)), context),
    signOut: async (_root, _args, { viewer, commands }) => ({
      signedOut: await orUnavailable(commands.session.signOut(viewer()?.sessionId ?? null)),
    }),
  },
  User: {
    sessions: async (account, _args, context) =>
      isOwner(account, context) ? await orUnavailable(context.loaders.session.ofUser.load(account.id)) : null,
  },
  Session: {
    current: ({ id }, _args, { viewer }) => viewer()?.sessionId === id,
  },
}

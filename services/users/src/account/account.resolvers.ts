import type { Viewer } from '@freshet/http'
import { decodeId, encodeId, unauthenticated } from '@freshet/subgraph'
import type { Context } from '../context.ts'
import type { Resolvers } from '../generated/graphql.ts'
import { orUnavailable } from '../unavailable.ts'
import type { SignedIn } from './account.commands.ts'
import type { AccountRow } from './account.repository.ts'

/** Rows are the same for everybody; this is where the owner's fields become null for all others. */
export const isOwner = ({ id }: AccountRow, { viewer, provenOwnerOf }: Context): boolean =>
  viewer()?.id === id || provenOwnerOf.has(id)

/** Who may only be somebody: `UNAUTHENTICATED` for an anonymous viewer. */
export function signedInViewer({ viewer }: Context): Viewer {
  const signedIn = viewer()
  if (signedIn === null) throw unauthenticated()
  return signedIn
}

/** The payload of signUp and signIn. The token comes into force with the next request: `viewer` stays who it was. */
export async function sessionPayload(signedIn: SignedIn, context: Context) {
  if ('refused' in signedIn) {
    return { user: null, token: null, expiresAt: null, userErrors: [...signedIn.refused] }
  }
  const { userId, token, expiresAt } = signedIn.session
  context.provenOwnerOf.add(userId)
  context.forgetLoaded()
  return { user: await context.loaders.account.byId.load(userId), token, expiresAt, userErrors: [] }
}

export const accountResolvers: Resolvers = {
  Query: {
    me: (_root, _args, { viewer, loaders }) => {
      const id = viewer()?.id
      return id === undefined ? null : loaders.account.byId.load(id)
    },
    user: (_root, { id }, { loaders }) => loaders.account.byId.load(decodeId('User', id, 'id')),
  },
  Mutation: {
    signUp: async (_root, { input }, context) =>
      sessionPayload(await orUnavailable(context.commands.account.signUp(input)), context),
    updateProfile: async (_root, { input }, context) => {
      const { id } = signedInViewer(context)
      await context.commands.account.updateProfile(id, input)
      context.forgetLoaded()
      return { user: await context.loaders.account.byId.load(id), userErrors: [] }
    },
  },
  User: {
    __resolveReference: ({ id }, { loaders }) => loaders.account.byId.load(decodeId('User', id, 'id')),
    id: ({ id }) => encodeId('User', id),
    email: (account, _args, context) => (isOwner(account, context) ? account.email : null),
    roles: (account, _args, context) => (isOwner(account, context) ? [...account.roles] : null),
    preferences: (account, _args, context) => (isOwner(account, context) ? account : null),
    addresses: async (account, _args, context) =>
      isOwner(account, context) ? [...(await context.loaders.account.addresses.load(account.id))] : null,
  },
  Address: {
    id: ({ id }) => encodeId('Address', id),
    lines: ({ lines }) => [...lines],
  },
}

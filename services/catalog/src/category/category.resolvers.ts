import { badUserInput, boundedText, decodeId, encodeId } from '@freshet/subgraph'
import type { Resolvers } from '../generated/graphql.ts'
import { listingRequest } from '../listing/listing.arguments.ts'

export const categoryResolvers: Resolvers = {
  Query: {
    category: (_root, { id, slug }, { loaders }) => {
      if (id != null && slug != null) throw badUserInput('slug', 'Give either `id` or `slug`, not both')
      if (id != null) return loaders.category.byId.load(decodeId('Category', id))
      if (slug != null) return loaders.category.bySlug(boundedText(slug, { argument: 'slug', max: 300 }))
      throw badUserInput('id', 'Give either `id` or `slug`')
    },
    categoryTree: (_root, _args, { loaders }) => loaders.category.roots(),
  },

  Category: {
    __resolveReference: ({ id }, { loaders }) => loaders.category.byId.load(decodeId('Category', id)),
    id: ({ id }) => encodeId('Category', id),
    parent: ({ parentId }, _args, { loaders }) =>
      parentId === null ? null : loaders.category.byId.load(parentId),
    ancestors: ({ pathIds }, _args, { loaders }) => loaders.category.all(pathIds.slice(0, -1)),
    children: ({ id }, _args, { loaders }) => loaders.category.children(id),
    products: ({ id }, args, { loaders }) => loaders.listing.admit(listingRequest(args, id)),
  },
}

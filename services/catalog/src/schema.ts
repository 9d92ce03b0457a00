import { brandResolvers } from './brand/brand.resolvers.ts'
import { categoryResolvers } from './category/category.resolvers.ts'
import type { Resolvers } from './generated/graphql.ts'
import { listingResolvers } from './listing/listing.resolvers.ts'
import { productResolvers } from './product/product.resolvers.ts'
import { variantResolvers } from './variant/variant.resolvers.ts'

/** The folder of the service's contract. */
export const schema = new URL('../schema/', import.meta.url)

export const resolvers: Resolvers = {
  ...brandResolvers,
  ...categoryResolvers,
  ...listingResolvers,
  ...productResolvers,
  ...variantResolvers,
  Query: { ...productResolvers.Query, ...listingResolvers.Query, ...categoryResolvers.Query },
}

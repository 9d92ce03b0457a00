import type { ServiceGeneration } from '@freshet/subgraph/codegen'

/** What `src/generated/` is made from: the contract, the migrations, and the rows that resolvers get. */
export const generation: ServiceGeneration = {
  service: 'catalog',
  folder: new URL('./', import.meta.url),
  contextType: '../context.ts#CatalogContext',
  mappers: {
    Product: '../product/product.repository.ts#ProductRow',
    Variant: '../variant/variant.repository.ts#VariantRow',
    Brand: '../brand/brand.repository.ts#BrandRow',
    Category: '../category/category.repository.ts#CategoryRow',
    ProductConnection: '../listing/listing.request.ts#ListingRequest',
    ProductFacets: '../listing/facets.repository.ts#ListingFacets',
    UserError: '../user-error.ts#UserErrorRow',
  },
}

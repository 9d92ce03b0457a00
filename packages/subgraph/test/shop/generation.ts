import type { ServiceGeneration } from '../../src/codegen.ts'

export const generation: ServiceGeneration = {
  service: 'shop',
  folder: new URL('./', import.meta.url),
  contextType: '../../context.ts#ShopContext',
  mappers: { Product: '../../context.ts#ProductRow' },
}

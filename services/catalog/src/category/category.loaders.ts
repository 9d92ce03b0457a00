import { cachedLoader } from '@freshet/subgraph'
import { type CategoryCache, rootKey } from './category.cache.ts'
import type { CategoryRepository, CategoryRow } from './category.repository.ts'

export function createCategoryLoaders(categories: CategoryRepository, cache: CategoryCache) {
  const byId = cachedLoader({ entity: cache.row, load: categories.findByIds })
  const idBySlug = cachedLoader({ entity: cache.idBySlug, load: categories.findIdsBySlugs })
  const childIds = cachedLoader({ entity: cache.childIds, load: categories.findChildIds })
  const rootIds = cachedLoader({
    entity: cache.childIds,
    load: async (_rootKey) => [await categories.findRootIds()],
  })

  /** The categories that there are, in the order of the ids. */
  async function all(ids: readonly string[]): Promise<CategoryRow[]> {
    const rows = await Promise.all(ids.map((id) => byId.load(id)))
    return rows.filter((row) => row !== null)
  }

  return {
    byId,
    all,
    async bySlug(slug: string): Promise<CategoryRow | null> {
      const id = await idBySlug.load(slug)
      return id === null ? null : byId.load(id)
    },
    async children(parentId: string): Promise<CategoryRow[]> {
      return all(await childIds.load(parentId))
    },
    async roots(): Promise<CategoryRow[]> {
      return all(await rootIds.load(rootKey))
    },
  }
}

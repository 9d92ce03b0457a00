import DataLoader from 'dataloader'
import { type CategoryCache, rootKey } from './category.cache.ts'
import type { CategoryRepository, CategoryRow } from './category.repository.ts'

export function createCategoryLoaders(categories: CategoryRepository, cache: CategoryCache) {
  const byId = new DataLoader<string, CategoryRow | null>((ids) =>
    cache.row.getMany(ids, categories.findByIds),
  )
  const idBySlug = new DataLoader<string, string | null>((slugs) =>
    cache.idBySlug.getMany(slugs, categories.findIdsBySlugs),
  )
  const childIds = new DataLoader<string, string[] | null>((parentIds) =>
    cache.childIds.getMany(parentIds, categories.findChildIds),
  )

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
      return all((await childIds.load(parentId)) ?? [])
    },
    async roots(): Promise<CategoryRow[]> {
      const ids = await cache.childIds.get(rootKey, () => categories.findRootIds())
      return all(ids ?? [])
    },
  }
}

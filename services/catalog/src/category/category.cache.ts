import type { Cache, CachePolicy } from '@freshet/cache'
import type { CategoryRow } from './category.repository.ts'

/**
 * The tree changes by import only, after which somebody invalidates the coarse tag `category` (README.md). Products come and go without
 * touching it: which products a category has is the business of listings. On every page, and hardly ever another: kept
 * in the process, too.
 */
const common = { version: 1, ttlSeconds: 3600, negativeTtlSeconds: 60, jitter: 0.1, l1: true }

const row: CachePolicy<CategoryRow> = {
  ...common,
  name: 'category',
  tags: (id) => [`category:${id}`, 'category'],
}

const idBySlug: CachePolicy<string> = {
  ...common,
  name: 'category-by-slug',
  tags: (_slug, id) => (id === null ? ['category'] : [`category:${id}`, 'category']),
}

/** Of a parent; `root` is the parent of those that have none. */
const childIds: CachePolicy<string[]> = {
  ...common,
  name: 'category-children',
  tags: (parentId) => (parentId === rootKey ? ['category'] : [`category:${parentId}`, 'category']),
}

export const rootKey = 'root'

export type CategoryCache = ReturnType<typeof createCategoryCache>

export function createCategoryCache(cache: Cache) {
  return {
    row: cache.define(row),
    idBySlug: cache.define(idBySlug),
    childIds: cache.define(childIds),
  }
}

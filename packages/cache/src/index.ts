export {
  type Cache,
  type CacheOptions,
  createCache,
  type InvalidateOptions,
  type L1Options,
} from './cache.ts'
export type { CachedEntity, LoadMany, LoadOne, ReadOptions } from './cached-entity.ts'
export { atLeastOf, type Carried, type LoadContext } from './carried.ts'
export { CacheContractError, CacheUnavailableError } from './errors.ts'
export { LONGEST_L1_BOUND_MS } from './l1/longest-bound.ts'
export type { CachePolicy } from './policy.ts'
export type { CacheLogger } from './reports.ts'

export { TAGS_PER_SCRIPT } from './fence.ts'
export { cacheDomains } from './inspect/cache-domains.ts'
export type { EntryState } from './inspect/entry-state.ts'
export {
  type CacheInspector,
  createCacheInspector,
  type DependedTag,
  type EntryDescription,
  type TagDescription,
  type TagFence,
} from './inspect/inspector.ts'
export type { DomainStats, PolicyStats } from './inspect/stats.ts'

export {
  type CacheInspector,
  createCacheInspector,
  type DependedTag,
  type EntryDescription,
  type EntryState,
  type TagDescription,
} from './inspect/inspector.ts'
export type { DomainStats, PolicyStats } from './inspect/stats.ts'

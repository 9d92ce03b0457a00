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

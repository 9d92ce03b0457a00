import type { OpenSubject } from '../subject.ts'
import { openAsyncCacheDedupe } from './async-cache-dedupe.ts'
import { openBentocache } from './bentocache.ts'
import { openEnvelopResponseCache } from './envelop-response-cache.ts'
import { L1_BOUND_MS, openFreshet, openFreshetL1 } from './freshet.ts'
import { openSetAndDelete } from './set-and-delete.ts'

/** Whatever is put side by side, by the name that the table shows. */
export const SUBJECTS = {
  '@freshet/cache': openFreshet,
  '@freshet/cache, L1': openFreshetL1,
  'SET and DEL': openSetAndDelete,
  bentocache: openBentocache,
  'async-cache-dedupe': openAsyncCacheDedupe,
  '@envelop/response-cache-redis': openEnvelopResponseCache,
} satisfies Record<string, OpenSubject>

export type SubjectName = keyof typeof SUBJECTS

/** How stale a read may be without being a violation, ms: what the library promises, where it promises anything else than 0. */
export const BOUNDS_MS: Partial<Record<SubjectName, number>> = { '@freshet/cache, L1': L1_BOUND_MS }

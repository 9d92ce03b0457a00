import { trackedLoader } from '@freshet/subgraph'
import type { SessionRow, SessionStore } from './session.store.ts'

/** Straight from the store: sessions are cached nowhere, and nobody tells of their ends. */
export function createSessionLoaders({ sessions }: { sessions: SessionStore }) {
  return {
    ofUser: trackedLoader<string, SessionRow[]>({
      batch: (userIds) => sessions.findByUsers(userIds),
      dependsOn: 'untold',
    }),
  }
}

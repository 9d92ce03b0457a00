import DataLoader from 'dataloader'
import type { SessionRow, SessionStore } from './session.store.ts'

/** Straight from the store: sessions are never cached. */
export function createSessionLoaders({ sessions }: { sessions: SessionStore }) {
  return {
    ofUser: new DataLoader<string, SessionRow[]>((userIds) => sessions.findByUsers(userIds)),
  }
}

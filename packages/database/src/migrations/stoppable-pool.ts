import type { PostgresPool } from 'kysely'
import type pg from 'pg'
import type { Turn } from './in-turn.ts'

/** A pool's connections, until the signal is aborted: then nobody gets one any more, and those that are open are ended. */
export interface StoppablePool extends PostgresPool {
  /** How sessions are ended; before this is told, an abort only keeps new ones from being given. */
  endWith(end: Turn['endSession']): void
  /** Of the connections that are open, on the server. */
  processes(): number[]
  /** No longer listens to the signal. */
  forget(): void
}

export function stoppable(pool: pg.Pool, signal: AbortSignal | undefined): StoppablePool {
  // Its process on the server is there, though the types don't tell.
  const open = new Set<pg.PoolClient & { processID?: number }>()
  pool.on('connect', (client) => open.add(client))
  pool.on('remove', (client) => open.delete(client))
  let endSession: Turn['endSession'] | undefined
  const abort = () => {
    // Where that fails the server is gone, and the statement with it.
    for (const { processID } of open) if (processID) void endSession?.(processID).catch(() => {})
  }
  signal?.addEventListener('abort', abort, { once: true })
  return {
    options: pool.options,
    async connect() {
      signal?.throwIfAborted()
      const client = await pool.connect()
      if (!signal?.aborted) return client
      client.release()
      throw signal.reason
    },
    processes: () => [...open].flatMap(({ processID }) => processID ?? []),
    end: () => pool.end(),
    endWith(end) {
      endSession = end
    },
    forget: () => signal?.removeEventListener('abort', abort),
  }
}

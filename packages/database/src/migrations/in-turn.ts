import { setTimeout as sleep } from 'node:timers/promises'
import pg from 'pg'

const POLL_MS = 100

/**
 * Does the work while no other process migrates anything in this database.
 *
 * The lock is asked for again and again, never waited for: a statement that waits has a snapshot, and a concurrent index
 * waits until there is no older one, so the two would wait for each other. It is the database's and not a service's,
 * because a concurrent index looks at all of the database's snapshots.
 */
export async function inTurn<Result>(
  { url, service }: { url: string; service: string },
  work: () => Promise<Result>,
): Promise<Result> {
  const client = new pg.Client({ connectionString: url, application_name: `${service} migrate, in turn` })
  // Broken, it holds no lock any more, but then the server or the network is gone for the work as well.
  client.on('error', () => {})
  await client.connect()
  try {
    for (;;) {
      const { rows } = await client.query("select pg_try_advisory_lock(hashtext('freshet migrate')) as taken")
      if (rows[0].taken) return await work()
      await sleep(POLL_MS)
    }
  } finally {
    await client.end()
  }
}

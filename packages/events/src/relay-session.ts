import { createTagging } from '@freshet/database'
import pg from 'pg'

/** A stored event that waits to be published. */
export interface OutboxRow {
  readonly seq: string
  readonly topic: string
  readonly key: string
  readonly payload: string
  readonly traceparent: string | null
  readonly created_at: Date
  readonly attempts: number
}

/** What the outbox holds. */
export interface OutboxState {
  /** Rows that wait. */
  readonly pending: number
  /** Age of the oldest of them, ms. */
  readonly oldestMs: number
  /** Rows set aside. */
  readonly parked: number
}

/**
 * The relay's own connection: it listens, holds the leadership, and does all of the relay's statements, so that
 * whoever has lost the connection has lost the leadership too and can't delete a row any more.
 *
 * The session asks PostgreSQL to be ended when it says nothing for 30 s: a leader that hangs, or whose network is
 * cut without a word, would otherwise keep its lock until TCP gives up, two hours later.
 */
export async function openRelaySession(options: { url: string; service: string; onWake: () => void }) {
  const client = new pg.Client({
    connectionString: options.url,
    application_name: `freshet-relay:${options.service}`,
    connectionTimeoutMillis: 5000,
    query_timeout: 15_000,
    statement_timeout: 10_000,
    keepAlive: true,
  })
  const tagged = createTagging(options.service, () => ({ operation: 'publish events' }))
  let lost = false
  const lose = () => {
    lost = true
    options.onWake()
  }
  client.on('error', lose)
  client.on('end', lose)
  client.on('notification', options.onWake)
  try {
    await client.connect()
    await client.query(tagged(`set idle_session_timeout = '30s'`))
    const { rows } = await client.query<{ schema: string }>(tagged('select current_schema() as schema'))
    const name = `freshet_outbox_${rows[0]?.schema}`
    await client.query(tagged(`listen ${client.escapeIdentifier(name)}`))
    return session(client, { name, tagged, isLost: () => lost })
  } catch (error) {
    await client.end().catch(() => {}) // The first error is the one to report.
    throw error
  }
}

export type RelaySession = Awaited<ReturnType<typeof openRelaySession>>

function session(
  client: pg.Client,
  { name, tagged, isLost }: { name: string; tagged: (sql: string) => string; isLost: () => boolean },
) {
  let last: Promise<unknown> = Promise.resolve()
  /** One statement after another: the round, a wake-up and a keep-alive may come at once, and pg is to have no queue. */
  function query<Row extends pg.QueryResultRow>(
    text: string,
    values?: unknown[],
  ): Promise<pg.QueryResult<Row>> {
    const asked = last.then(() => client.query<Row>(tagged(text), values))
    last = asked.catch(() => {}) // Its own caller hears of it.
    return asked
  }

  return {
    lost: isLost,
    /** Polled, never waited for: a waiting `pg_advisory_lock` holds a snapshot and so stops every vacuum. */
    async tryToLead(): Promise<boolean> {
      const { rows } = await query<{ leads: boolean }>(
        'select pg_try_advisory_lock(hashtextextended($1, 0)) as leads',
        [name],
      )
      return rows[0]?.leads === true
    },
    /** The oldest rows that may be sent now. A row that Kafka refused holds back the later rows of its key. */
    async pending(limit: number): Promise<OutboxRow[]> {
      const { rows } = await query<OutboxRow>(
        `select seq, topic, key, payload, traceparent, created_at, attempts
         from outbox as row
         where parked_at is null
           and (retry_at is null or retry_at <= now())
           and not exists (
             select from outbox as earlier
             where earlier.topic = row.topic and earlier.key = row.key and earlier.seq < row.seq
               and earlier.parked_at is null and earlier.retry_at is not null and earlier.retry_at > now())
         order by seq
         limit $1`,
        [limit],
      )
      return rows
    },
    async published(rows: readonly OutboxRow[]): Promise<void> {
      await query('delete from outbox where seq = any($1::bigint[])', [rows.map(({ seq }) => seq)])
    },
    /** True when the row was set aside for good. */
    async refused(row: OutboxRow, error: string, retryMs: number, maxAttempts: number): Promise<boolean> {
      const { rows } = await query<{ parked: boolean }>(
        `update outbox set attempts = attempts + 1, last_error = $2,
           retry_at = now() + $3 * interval '1 millisecond',
           parked_at = case when attempts + 1 >= $4 then now() end
         where seq = $1
         returning parked_at is not null as parked`,
        [row.seq, error.slice(0, 2000), Math.round(retryMs), maxAttempts],
      )
      return rows[0]?.parked === true
    },
    async state(): Promise<OutboxState> {
      const { rows } = await query<{ pending: string; parked: string; oldest: Date | null }>(
        `select count(*) filter (where parked_at is null) as pending,
           count(parked_at) as parked, min(created_at) filter (where parked_at is null) as oldest
         from outbox`,
      )
      const row = rows[0]
      return {
        pending: Number(row?.pending ?? 0),
        oldestMs: row?.oldest ? Math.max(0, Date.now() - row.oldest.getTime()) : 0,
        parked: Number(row?.parked ?? 0),
      }
    },
    /** Wakes whichever process leads. */
    async notify(): Promise<void> {
      await query('select pg_notify($1, $2)', [name, ''])
    },
    async keepAlive(): Promise<void> {
      await query('select 1')
    },
    async close(): Promise<void> {
      await client.end()
    },
  }
}

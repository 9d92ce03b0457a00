import pg from 'pg'

/** An outbox row that Kafka refused for good. */
export interface ParkedEvent {
  readonly seq: string
  readonly topic: string
  readonly key: string
  readonly type: string
  readonly attempts: number
  readonly parkedAt: Date
  readonly lastError: string
}

async function withClient<Result>(url: string, use: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 5000 })
  await client.connect()
  try {
    return await use(client)
  } finally {
    await client.end()
  }
}

/** The parked rows of a service's outbox, oldest first. `url`: the service's own. */
export function parkedEvents(url: string): Promise<ParkedEvent[]> {
  return withClient(url, async (client) => {
    const { rows } = await client.query<ParkedEvent>(
      `select seq, topic, key, type, attempts, parked_at as "parkedAt", coalesce(last_error, '') as "lastError"
       from outbox where parked_at is not null order by seq`,
    )
    return rows
  })
}

/** Lets the relay try parked rows again, from the first attempt; all of them, or those named. Returns how many. */
export function retryParked(url: string, seqs?: readonly string[]): Promise<number> {
  return withClient(url, async (client) => {
    const { rowCount } = await client.query(
      `update outbox set parked_at = null, retry_at = null, attempts = 0
       where parked_at is not null and ($1::bigint[] is null or seq = any($1))`,
      [seqs ?? null],
    )
    return rowCount ?? 0
  })
}

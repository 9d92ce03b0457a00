import { Redis } from 'ioredis'
import pg from 'pg'
import { createCache } from '../src/index.ts'
import { type Row, recordingLogger, rowPolicy } from './cache-kit.ts'

/** One of the processes of stampede.test.ts: on a message, so many reads of one key at once; answers how many were wrong. */
const [redisPort, databaseUrl] = process.argv.slice(2)
const redis = new Redis({ port: Number(redisPort), maxRetriesPerRequest: null })
const database = new pg.Pool({ connectionString: databaseUrl })
const cache = createCache({
  redis,
  domain: 'test',
  logger: recordingLogger(),
  timeoutMs: 10_000,
  leaseWaitMs: 30_000,
  leaseMs: 30_000,
})
const policies = {
  leased: cache.define(rowPolicy({ name: 'leased' })),
  unleased: cache.define(rowPolicy({ name: 'unleased', lease: false })),
}
await policies.leased.get('warm', async () => null)

/** What the test sends. */
export interface Order {
  readonly reads: number
  readonly policy: keyof typeof policies
}

/** One statement. The server counts it itself, and takes long enough for the others to come meanwhile. */
async function load(id: string): Promise<Row | null> {
  const { rows } = await database.query<Row>(
    "select id, version from products, nextval('statements'), pg_sleep(0.1) where id = $1",
    [id],
  )
  return rows[0] ?? null
}

async function answer({ reads, policy }: Order): Promise<void> {
  const reading: Promise<Row | null>[] = []
  for (let i = 1; i <= reads; i++) {
    reading.push(policies[policy].get('hot', load))
    // Those of one turn of the event loop are one READ.
    if (i % 25 === 0) await new Promise(setImmediate)
  }
  const read = await Promise.all(reading)
  process.send!({ wrong: read.filter((row) => row?.version !== 1).length })
}

process.on('message', (order: Order) => void answer(order))
process.on('disconnect', () => {
  redis.disconnect()
  void cache.close()
  void database.end()
})
process.send!('ready')

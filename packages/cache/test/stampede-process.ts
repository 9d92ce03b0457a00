import { setTimeout as sleep } from 'node:timers/promises'
import { Redis } from 'ioredis'
import { createCache } from '../src/index.ts'
import { type Row, recordingLogger, rowPolicy } from './cache-kit.ts'

/** One of the processes of stampede.test.ts: on a message, so many reads of one key at once; answers how often it loaded. */
const redis = new Redis({ port: Number(process.argv[2]), maxRetriesPerRequest: null })
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

async function answer({ reads, policy }: Order): Promise<void> {
  let loads = 0
  const load = async (id: string) => {
    loads++
    await sleep(100)
    return { id, version: 1 }
  }
  const reading: Promise<Row | null>[] = []
  for (let i = 1; i <= reads; i++) {
    reading.push(policies[policy].get('hot', load))
    // Those of one turn of the event loop are one READ.
    if (i % 25 === 0) await new Promise(setImmediate)
  }
  const read = await Promise.all(reading)
  process.send!({ loads, wrong: read.filter((row) => row?.version !== 1).length })
}

process.on('message', (order: Order) => void answer(order))
process.on('disconnect', () => {
  redis.disconnect()
  void cache.close()
})
process.send!('ready')

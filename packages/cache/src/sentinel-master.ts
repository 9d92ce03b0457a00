import { Redis } from 'ioredis'
import { withDeadline } from './deadline.ts'
import type { Holder } from './holder.ts'

/** A Sentinel that takes longer is left out: one that is paused must not hold up the others' word. */
const WORD_WITHIN_MS = 300
const RETRY_MS = 1_000

/** What a Sentinel knows of the master. */
interface Word {
  /** '' while it is not known of the one at the address. */
  readonly runId: string
  readonly address: string
  /** Rises with each failover: halfway while one is under way. */
  readonly epoch: number
}

/**
 * The master that Sentinels watch over. ioredis asks one of them before each connection, and never again: a master that was paused, or
 * cut off from them, is still one when it wakes up, for some ten seconds, until they make a replica of it. So they are
 * asked here, too, and the one that knows of the latest failover is right.
 *
 * (ioredis' own `failoverDetector` ends the client for good when the news comes while it is connecting.)
 */
export function createSentinelMaster(redis: Redis, connected: Holder): Holder {
  const { sentinels, name } = redis.options
  let clients: Redis[] | undefined

  function open(): Redis[] {
    const { sentinelUsername, sentinelPassword, sentinelTLS } = redis.options
    redis.once('end', close)
    return (sentinels ?? []).map(({ host = 'localhost', port = 26379 }) => {
      const client = new Redis({
        host,
        port,
        username: sentinelUsername ?? undefined,
        password: sentinelPassword ?? undefined,
        tls: sentinelTLS,
        // A map in RESP3.
        protocol: 2,
        maxRetriesPerRequest: 0,
        retryStrategy: () => RETRY_MS,
      })
      // Where it is asked, each failure shows.
      client.on('error', () => undefined)
      return client
    })
  }

  function close(): void {
    for (const client of clients ?? []) client.disconnect()
    clients = undefined
  }

  async function wordOf(sentinel: Redis): Promise<Word> {
    const asked = [
      sentinel.call('SENTINEL', 'MASTER', `${name}`),
      sentinel.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', `${name}`),
    ]
    const [fields, place] = (await withDeadline(Promise.all(asked), WORD_WITHIN_MS)) as [string[], string[]]
    const field = (wanted: string) => fields[fields.indexOf(wanted) + 1] ?? ''
    const address = place.join(':')
    // The Sentinel that promotes a replica names it by this address at once, and the former master in all else until that is done.
    const isReplacing = address !== `${field('ip')}:${field('port')}`
    const epoch = Number(field('config-epoch'))
    return { runId: isReplacing ? '' : field('runid'), address, epoch: isReplacing ? epoch + 0.5 : epoch }
  }

  return {
    ...connected,
    async isConfirmed({ runId }) {
      clients ??= open()
      const answers = await Promise.allSettled(clients.map(wordOf))
      const words = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
      if (words.length === 0) throw new Error('No Sentinel answers', { cause: answers })
      const latest = words.reduce((a, b) => (b.epoch > a.epoch ? b : a))
      const { remoteAddress, remotePort } = redis.stream
      // A master that was restarted has a run id that they learn some seconds later.
      return latest.runId === runId || latest.address === `${remoteAddress}:${remotePort}`
    },
    close() {
      redis.off('end', close)
      close()
      connected.close()
    },
  }
}

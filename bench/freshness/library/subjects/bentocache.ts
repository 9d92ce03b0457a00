import { BentoCache, bentostore } from 'bentocache'
import { redisDriver } from 'bentocache/drivers/redis'
import { Redis } from 'ioredis'
import { type OpenSubject, oneByOne, TTL_SECONDS } from '../subject.ts'

/** bentocache on Redis alone: without its memory level, whose other processes hear of a deletion later by design. */
export const openBentocache: OpenSubject = (redisUrl) => {
  const connection = new Redis(redisUrl, { enableAutoPipelining: true, maxRetriesPerRequest: 1 })
  connection.on('error', () => undefined)
  const store = bentostore().useL2Layer(redisDriver({ connection }))
  // A deletion that did not reach Redis must not pass for one that did.
  const bento = new BentoCache({ default: 'rows', stores: { rows: store }, suppressL2Errors: false })
  return {
    getMany: oneByOne((key, load) =>
      bento.getOrSet({ key: `row:${key}`, ttl: `${TTL_SECONDS}s`, factory: load }),
    ),
    invalidate: (key) => bento.delete({ key: `row:${key}` }),
    async close() {
      await bento.disconnectAll()
      connection.disconnect()
    },
  }
}

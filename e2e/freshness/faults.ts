import { setTimeout as sleep } from 'node:timers/promises'
import type { Fault, NetworkFault } from '@freshet/testing'
import { repeatEvents } from './repeated-events.ts'
import type { ShakySystem } from './shaky-system.ts'
import type { Shop } from './shop.ts'

/** An INVALIDATE that is not answered is given up after 3 tries of 250 ms: no write is answered before that. */
const WRITES_WAIT_MS = 700

/** Everything that a supergraph must bear without an old answer. */
export function createFaults(system: ShakySystem, shop: Shop) {
  const network = (part: 'redis' | 'kafka', name: string, fault: NetworkFault) => {
    return (forMs: number, processes?: readonly string[]): Fault => ({
      name: `${part} ${name}`,
      async run() {
        system.setNetwork(part, fault, processes)
        await sleep(forMs)
        system.setNetwork(part, 'pass', processes)
      },
    })
  }

  return {
    redisCut: network('redis', 'cut off', 'cut'),
    /** Everything hangs; what was sent meanwhile arrives late. */
    redisMute: network('redis', 'mute', 'black-hole'),
    /** Commands arrive, answers don't: nobody knows what was done. */
    redisDeaf: network('redis', 'half-open', 'half-open'),
    redisSlow: (forMs: number, delayMs: number) =>
      network('redis', `slow by ${delayMs} ms`, { delayMs })(forMs),
    redisKilled: (forMs: number): Fault => ({
      name: 'redis killed, and back empty',
      async run() {
        await system.killRedis()
        await sleep(forMs)
        await system.startRedis()
      },
    }),
    redisFlushed: (times: number, everyMs: number): Fault => ({
      name: 'redis flushed',
      async run() {
        for (let time = 0; time < times; time++) {
          await system.flushRedis()
          await sleep(everyMs)
        }
      },
    }),
    kafkaStopped: network('kafka', 'stopped', 'cut'),
    kafkaMute: network('kafka', 'mute', 'black-hole'),
    eventsRepeated: (forMs: number): Fault => ({
      name: 'events duplicated, delayed, reordered',
      run: () => repeatEvents(system.kafkaBrokers, { forMs }),
    }),
    /** SIGKILL at any moment, and a new start. */
    killed: (name: string): Fault => ({
      name: `${name} killed`,
      async run() {
        await system.services[name]!.kill()
        await system.services[name]!.start()
      },
    }),
    /**
     * SIGKILL of catalog between a COMMIT and its INVALIDATE: Redis takes nothing from it any more, so that the first write to be
     * found in the database is still waiting for its invalidation. Nobody is told of that write, no cache and no client;
     * what was to be sent is lost. Only the event in the outbox knows.
     */
    writerDies: (): Fault => ({
      name: 'catalog killed between COMMIT and INVALIDATE',
      async run() {
        for (let attempt = 1; ; attempt++) {
          const mute = performance.now()
          system.setNetwork('redis', 'black-hole', ['catalog'])
          const before = await shop.storedVersions()
          while (!(await isWritten(before)) && performance.now() - mute < WRITES_WAIT_MS) await sleep(1)
          const waited = performance.now() - mute
          const killed = waited < WRITES_WAIT_MS
          if (killed) await system.services.catalog!.kill()
          system.setNetwork('redis', 'cut', ['catalog'])
          system.setNetwork('redis', 'pass', ['catalog'])
          if (killed) break
          // A machine that is busy enough writes nothing in that time, now and then.
          if (attempt === 40) throw new Error('nothing was written for the writer to die of')
          await sleep(500)
        }
        await system.services.catalog!.start()
      },
    }),
  }

  async function isWritten(before: ReadonlyMap<string, number>): Promise<boolean> {
    const now = await shop.storedVersions()
    return [...now].some(([key, version]) => version > (before.get(key) ?? 0))
  }
}

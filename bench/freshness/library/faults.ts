import { setTimeout as sleep } from 'node:timers/promises'
import type { FaultProxy, NetworkFault } from '@freshet/testing'
import type { Child } from './child.ts'
import type { OwnRedis } from './own-redis.ts'

/** Everything that can be broken. */
export interface Breakable {
  readonly redis: OwnRedis
  readonly workers: readonly Child[]
  readonly deliverer: Child
  /** Before each worker's Redis, in their order. */
  readonly proxies: readonly FaultProxy[]
}

const BETWEEN_MS = 3_000

/** One after the other, with a pause after each. Resolves with their names. */
export async function breakEverything(parts: Breakable, isOver: () => boolean): Promise<string[]> {
  const { redis, workers, deliverer, proxies } = parts
  async function network(fault: NetworkFault, forMs: number, which: readonly FaultProxy[] = proxies) {
    for (const proxy of which) proxy.set(fault)
    await sleep(forMs)
    for (const proxy of which) proxy.set('pass')
  }
  async function die(worker: Child) {
    const before = worker.deaths()
    worker.send({ type: 'die' })
    // Soon: there are always writes. An order to die must not be left to a later stop.
    while (worker.deaths() === before) await sleep(5)
  }
  const faults: [string, () => Promise<void>][] = [
    ['redis cut off', () => network('cut', 1_000)],
    ['redis mute', () => network('black-hole', 1_000)],
    ['redis half-open', () => network('half-open', 1_000)],
    ['redis slow by 15 ms', () => network({ delayMs: 15 }, 2_000)],
    ['redis slow by 80 ms', () => network({ delayMs: 80 }, 2_000)],
    ['redis cut off from one process', () => network('cut', 1_000, proxies.slice(0, 1))],
    ['redis mute for one process', () => network('black-hole', 1_000, proxies.slice(1, 2))],
    ['redis flushed', () => redis.flush()],
    ['redis killed, and back empty', () => redis.killFor(500)],
    ...workers.map((worker): [string, () => Promise<void>] => [
      'writer killed between COMMIT and INVALIDATE',
      () => die(worker),
    ]),
    ['events delayed by 3 s', async () => deliverer.send({ type: 'delay', forMs: 3_000 })],
    ['invalidator killed', async () => deliverer.kill()],
  ]
  const done: string[] = []
  for (const [name, run] of faults) {
    if (isOver()) return done
    await run()
    done.push(name)
    await sleep(BETWEEN_MS)
  }
  return done
}

import { setTimeout as sleep } from 'node:timers/promises'

/** A network that is slow, in both directions. */
export interface SlowNetwork {
  /** Before each chunk (of at most 64 KiB) is passed on. */
  readonly delayMs?: number
  /** Of each direction of each connection. */
  readonly bytesPerSecond?: number
}

/**
 * How the network behaves:
 * - `pass`: as if it were not there;
 * - `cut`: resets every connection, and each new one at once; what was under way is lost;
 * - `black-hole`: accepts connections and delivers nothing, not even that the other side has gone;
 * - `half-open`: delivers requests but no answers;
 * - slow.
 *
 * What a `black-hole` or a `half-open` network held back arrives when it passes again, as after a real partition, where
 * TCP repeats what was not acknowledged. `cut` first to lose it.
 */
export type NetworkFault = 'pass' | 'cut' | 'black-hole' | 'half-open' | SlowNetwork

/** Which way bytes go: to the target, or back from it. */
export type Direction = 'to-target' | 'from-target'

/** A network whose behaviour may change at any time. */
export function createNetwork() {
  let fault: NetworkFault = 'pass'
  let changed = Promise.withResolvers<void>()

  const holds = (direction: Direction) =>
    fault === 'black-hole' || (fault === 'half-open' && direction === 'from-target')

  return {
    fault: (): NetworkFault => fault,
    set(next: NetworkFault): void {
      fault = next
      changed.resolve()
      changed = Promise.withResolvers()
    },
    /** Resolves when so many bytes have come through. */
    async travel(direction: Direction, bytes: number): Promise<void> {
      if (typeof fault === 'object') {
        const { delayMs = 0, bytesPerSecond = Number.POSITIVE_INFINITY } = fault
        const tookMs = delayMs + (bytes / bytesPerSecond) * 1_000
        if (tookMs > 0) await sleep(tookMs)
      }
      while (holds(direction)) await changed.promise
    },
  }
}

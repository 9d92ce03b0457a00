import type { Reading } from './fence.ts'

/** A load that is under way, for the keys that it loads. */
export interface Flight<Loaded> {
  readonly life: string
  readonly stamp: number
  /** What it has loaded; undefined when that takes too long. Rejects when it fails. */
  readonly join: () => Promise<Loaded | undefined>
  /** It is too old to be joined. */
  readonly isLate: () => boolean
}

/**
 * The loads under way in this process, so that one miss of a hot key makes one load and not a hundred.
 *
 * Who may join? A flight's load began after a READ that answered stamp S, so it sees every write whose invalidation has a
 * sequence of S or below. My own READ answered M: whatever was acknowledged before I asked is at M or below. So a flight
 * of the same life with S >= M has seen all that I may expect; an earlier one may not have, and is never joined.
 *
 * For `joinMs` from its beginning a flight may be joined: if it hangs (a connection whose other end is gone, say), others don't
 * hang with it.
 */
export function createFlights<Loaded>(joinMs: number) {
  const flights = new Map<string, Flight<Loaded>>()
  return {
    joinable(key: string, { life, stamp }: Reading): Flight<Loaded> | undefined {
      const flight = flights.get(key)
      if (!flight || flight.life !== life || flight.stamp < Number(stamp) || flight.isLate()) return undefined
      return flight
    },

    /**
     * Ends by itself if it fails; otherwise when the keys are given to what it returns: once they are stored. For a reader
     * whose READ was answered before that, but is handled after the load has ended, can still share it. (A turn of the event
     * loop later: both answers may have arrived together.)
     */
    begin(
      keys: readonly string[],
      { life, stamp }: Reading,
      loading: Promise<Loaded>,
    ): (landed: readonly string[]) => void {
      const flight: Flight<Loaded> = { life, stamp: Number(stamp), ...joinableFor(joinMs, loading) }
      for (const key of keys) flights.set(key, flight)
      const land = (landed: readonly string[]) => {
        for (const key of landed) if (flights.get(key) === flight) flights.delete(key)
      }
      loading.catch(() => land(keys))
      return (landed) => void setImmediate(land, landed)
    },
  }
}

function joinableFor<Loaded>(
  joinMs: number,
  loading: Promise<Loaded>,
): Pick<Flight<Loaded>, 'join' | 'isLate'> {
  const until = performance.now() + joinMs
  let isLoaded = false
  let isGivenUp = false
  let joined: Promise<Loaded | undefined> | undefined
  // Its failure is told to those who wait.
  const loaded = loading.then(
    () => {
      isLoaded = true
    },
    () => undefined,
  )

  const wait = () =>
    new Promise<Loaded | undefined>((resolve, reject) => {
      const giveUp = () => {
        isGivenUp = true
        resolve(undefined)
      }
      // As in withDeadline: when the event loop was blocked, the answer may have arrived.
      const timer = setTimeout(() => setImmediate(giveUp), Math.max(0, until - performance.now()))
      void loaded.then(() => clearTimeout(timer))
      loading.then(resolve, reject)
    })

  return {
    join() {
      if (isLoaded) return loading
      joined ??= wait()
      return joined
    },
    // A timer may be a little early.
    isLate: () => !isLoaded && (isGivenUp || performance.now() >= until),
  }
}

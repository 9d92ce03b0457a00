import type { Reading } from './fence.ts'

/** A load that is under way, for the keys that it loads. */
export interface Flight<Loaded> {
  readonly life: string
  readonly stamp: number
  readonly loading: Promise<Loaded>
}

/**
 * The loads under way in this process, so that one miss of a hot key makes one load and not a hundred.
 *
 * Who may join? A flight's load began after a READ that answered stamp S, so it sees every write whose invalidation has a
 * sequence of S or below. My own READ answered M: whatever was acknowledged before I asked is at M or below. So a flight
 * of the same life with S >= M has seen all that I may expect; an earlier one may not have, and is never joined.
 */
export function createFlights<Loaded>() {
  const flights = new Map<string, Flight<Loaded>>()
  return {
    joinable(key: string, { life, stamp }: Reading): Flight<Loaded> | undefined {
      const flight = flights.get(key)
      return flight && flight.life === life && flight.stamp >= Number(stamp) ? flight : undefined
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
      const flight: Flight<Loaded> = { life, stamp: Number(stamp), loading }
      for (const key of keys) flights.set(key, flight)
      const land = (landed: readonly string[]) => {
        for (const key of landed) if (flights.get(key) === flight) flights.delete(key)
      }
      loading.catch(() => land(keys))
      return (landed) => void setImmediate(land, landed)
    },
  }
}

import { setTimeout as sleep } from 'node:timers/promises'
import type { Reading, Slot } from './fence.ts'

/** One look at all the keys that this process is waiting for. */
export interface Look {
  readonly reading: Reading
  readonly slotOf: (entry: string) => Slot
}

/** Where readers wait for what other processes are loading: all of them with one READ at a time. */
export interface WaitingRoom {
  /**
   * The next look, sent after this call: so whatever it finds is as good for the caller as a READ of its own. Those of `leasable`
   * that are free are leased to this process by it, those of `others` never. Undefined when Redis can't be asked.
   */
  next(leasable: readonly string[], others?: readonly string[]): Promise<Look | undefined>
}

/** `read` takes the keys, and how many of the first are not to be leased. */
export function createWaitingRoom(
  read: (entries: readonly string[], unleased: number) => Promise<Reading | undefined>,
  everyMs: number,
): WaitingRoom {
  let leasable = new Set<string>()
  let others = new Set<string>()
  let coming: Promise<Look | undefined> | undefined

  async function look(): Promise<Look | undefined> {
    await sleep(everyMs)
    const unleased = [...others].filter((entry) => !leasable.has(entry))
    const entries = [...unleased, ...leasable]
    // From here on callers get the look after this one: this one's READ must not begin before they have asked.
    leasable = new Set()
    others = new Set()
    coming = undefined
    const reading = await read(entries, unleased.length)
    if (!reading) return undefined
    const slots = new Map(entries.map((entry, i) => [entry, reading.slots[i] ?? null]))
    return { reading, slotOf: (entry) => slots.get(entry) ?? null }
  }

  return {
    next(keys, more = []) {
      for (const key of keys) leasable.add(key)
      for (const key of more) others.add(key)
      coming ??= look()
      return coming
    },
  }
}

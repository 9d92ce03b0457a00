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
   * The next look, sent after this call: so whatever it finds is as good for the caller as a READ of its own. Those of `keys`
   * that are free are leased to this process by it. Undefined when Redis can't be asked.
   */
  next(keys: readonly string[]): Promise<Look | undefined>
}

export function createWaitingRoom(
  read: (entries: readonly string[]) => Promise<Reading | undefined>,
  everyMs: number,
): WaitingRoom {
  let wanted = new Set<string>()
  let coming: Promise<Look | undefined> | undefined

  async function look(): Promise<Look | undefined> {
    await sleep(everyMs)
    const entries = [...wanted]
    // From here on callers get the look after this one: this one's READ must not begin before they have asked.
    wanted = new Set()
    coming = undefined
    const reading = await read(entries)
    if (!reading) return undefined
    const slots = new Map(entries.map((entry, i) => [entry, reading.slots[i] ?? null]))
    return { reading, slotOf: (entry) => slots.get(entry) ?? null }
  }

  return {
    next(keys) {
      for (const key of keys) wanted.add(key)
      coming ??= look()
      return coming
    },
  }
}

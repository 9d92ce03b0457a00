import { payloadStart } from '../src/entry-layout.ts'
import type { Fence, Filling, Reading } from '../src/fence.ts'

export type PlainFence = ReturnType<typeof plain>

/** Without leases, and with the payloads of the hits. */
export function plain(fence: Fence) {
  const payloadOf = (slot: unknown) =>
    Buffer.isBuffer(slot) ? slot.toString('utf8', payloadStart(slot)) : null
  return {
    ...fence,
    async read(keys: readonly string[], reign: string) {
      const reading = await fence.read(keys, reign, { lease: false })
      return { ...reading, payloads: reading.slots.map(payloadOf) }
    },
    fill: (reading: Reading, fillings: readonly Filling[]) =>
      fence.fill(reading, fillings, { lease: false, soft: false }),
  }
}

/** One text to store for a minute. */
export function fillingOf(key: string, tags: readonly string[], payload = 'value'): Filling {
  return { key, tags, payload, ttlMs: 60_000, staleMs: 0, header: '000001t' }
}

import { type Span, trace } from '@opentelemetry/api'
import { type Reading, type ReadMode, type Slot, TO_REFRESH } from './fence.ts'

type Read = (entries: readonly string[], mode: ReadMode) => Promise<Reading | undefined>

/** What was asked for since the last READ was sent. */
interface Batch {
  /** Undefined: of any that are not recorded. */
  readonly span: Span | undefined
  readonly positions: Map<string, number>
  readonly answer: PromiseWithResolvers<Reading | undefined>
  callers: number
}

/**
 * Sends what a policy is asked for in one turn of the event loop as one READ, whoever asks: many requests go on with the same
 * chunk of answers. A script for each key takes three times the CPU. But a span that is recorded has its READs to itself, so that
 * each stands in the trace of the request that sent it.
 *
 * It is sent after all of them have asked, so it tells each of them what a READ of its own would. Who asks later is told by the next.
 */
export function createReadBatches(read: Read): Read {
  const open = new Map<ReadMode, Batch>()

  function begin(mode: ReadMode, span: Span | undefined): Batch {
    const batch: Batch = { span, positions: new Map(), answer: Promise.withResolvers(), callers: 0 }
    open.set(mode, batch)
    // After the microtasks that are waiting: one of them for each answer that came together with this reader's last one.
    process.nextTick(() => {
      if (open.get(mode) === batch) open.delete(mode)
      void read([...batch.positions.keys()], mode).then(batch.answer.resolve, batch.answer.reject)
    })
    return batch
  }

  return async (entries, mode) => {
    const active = trace.getActiveSpan()
    const span = active?.isRecording() ? active : undefined
    const present = open.get(mode)
    const batch = present && present.span === span ? present : begin(mode, span)
    batch.callers++
    const { positions } = batch
    const wanted = entries.map((entry) => {
      const known = positions.get(entry)
      if (known !== undefined) return known
      positions.set(entry, positions.size)
      return positions.size - 1
    })
    const reading = await batch.answer.promise
    if (!reading || batch.callers === 1) return reading
    return { ...reading, slots: wanted.map((position) => take(reading.slots as Slot[], position)) }
  }
}

/** Several may have asked for the same entry; one of them is to refresh it. */
function take(slots: Slot[], position: number): Slot {
  const slot = slots[position] ?? null
  if (!Array.isArray(slot)) return slot
  const [entry, flags] = slot as readonly [Buffer, number]
  if ((flags & TO_REFRESH) !== 0) slots[position] = [entry, flags & ~TO_REFRESH]
  return slot
}

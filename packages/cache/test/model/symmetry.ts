import { addressesOf, compare, swap } from './record.ts'

/**
 * All numbers of one kind in a state: all sequences of a domain, say.
 *
 * The protocol does two things with such numbers: it compares them, and it takes one that is higher than all. So of two
 * states in which they stand in the same order (or, if they are names, are equal in the same places) each can do exactly what the
 * other can, and one of them is enough. That is what lets readers and writers go on for ever in a finite number of states.
 */
export function createKind(memory: Uint8Array) {
  const addresses: number[] = []
  const names = new Uint8Array(256)

  return {
    /** All numbers of these names in a record, and in the records in it. */
    add(record: object, ...fields: readonly string[]): void {
      addresses.push(...addressesOf(record, fields))
    },

    /** One more than all of them. */
    next(): number {
      let highest = 0
      for (let i = 0; i < addresses.length; i++) highest = Math.max(highest, memory[addresses[i]!]!)
      return highest + 1
    },

    /** For what is compared by size: the same order without gaps. 0 stays 0. */
    rank(): void {
      let used = 1
      for (let i = 0; i < addresses.length; i++) used |= 1 << memory[addresses[i]!]!
      if ((used & (used + 1)) === 0) return
      for (let i = 0; i < addresses.length; i++) {
        let rank = 0
        for (let below = used & ((1 << memory[addresses[i]!]!) - 1); below !== 0; below &= below - 1) rank++
        memory[addresses[i]!] = rank
      }
    },

    /** For names: numbered as they appear. 0 stays 0. */
    rename(): void {
      names.fill(0)
      let count = 0
      for (let i = 0; i < addresses.length; i++) {
        const name = memory[addresses[i]!]!
        if (name === 0) continue
        if (names[name] === 0) names[name] = ++count
        memory[addresses[i]!] = names[name]!
      }
    },
  }
}

/**
 * Sorts records that all play the same part, for who is called what makes no difference. `pointer` is a field in which one of
 * them may name another: 1 for the first.
 */
export function sortAlike<R extends object>(records: readonly R[], pointer?: keyof R): void {
  for (let sorted = false; !sorted; ) {
    sorted = true
    for (let i = 1; i < records.length; i++) {
      if (compare(records[i - 1]!, records[i]!) <= 0) continue
      sorted = false
      swap(records[i - 1]!, records[i]!)
      if (pointer === undefined) continue
      for (const record of records as readonly Record<typeof pointer, number>[]) {
        if (record[pointer] === i) record[pointer] = i + 1
        else if (record[pointer] === i + 1) record[pointer] = i
      }
    }
  }
}

/**
 * Puts rows in the order of the keys that asked for them: what a DataLoader and a cache expect of a batch.
 * A key given twice gets its row twice; of several rows with one key, the last one counts.
 * @param missing what stands for a key without a row. Default: null
 * @example
 * aligned(ids, await findRows(ids), (row) => row.id)
 */
export function aligned<Row, Missing = null>(
  keys: readonly string[],
  rows: readonly Row[],
  keyOf: (row: Row) => string,
  missing: (key: string) => Missing = () => null as Missing,
): (Row | Missing)[] {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return keys.map((key) => byKey.get(key) ?? missing(key))
}

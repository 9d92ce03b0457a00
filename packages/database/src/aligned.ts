/**
 * Puts rows in the order of the keys that asked for them, null where there is none: what a DataLoader and the
 * field cache expect of a batch.
 */
export function aligned<Row>(keys: readonly string[], rows: readonly Row[], keyOf: (row: Row) => string) {
  const byKey = new Map(rows.map((row) => [keyOf(row), row]))
  return keys.map((key) => byKey.get(key) ?? null)
}

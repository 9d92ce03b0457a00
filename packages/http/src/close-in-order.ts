/**
 * Closes one after the other, and goes on after one that failed.
 *
 * @throws AggregateError of all failures, at the end
 */
export async function closeInOrder(closes: readonly (() => Promise<void>)[]): Promise<void> {
  const failures: unknown[] = []
  for (const close of closes) await close().catch((error: unknown) => failures.push(error))
  if (failures.length > 0) throw new AggregateError(failures, 'not everything could be closed')
}

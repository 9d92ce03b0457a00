/** Why things failed, and how often each. */
export type Reasons = Readonly<Record<string, number>>

const MOST_REASONS = 20

/** Counts errors by message. What is the twenty-first kind is counted together. */
export function createReasons() {
  const reasons = new Map<string, number>()
  return {
    add(error: unknown): void {
      const message = error instanceof Error ? error.message : String(error)
      const reason = reasons.has(message) || reasons.size < MOST_REASONS ? message : 'others'
      reasons.set(reason, (reasons.get(reason) ?? 0) + 1)
    },
    result: (): Reasons => Object.fromEntries([...reasons].sort(([, a], [, b]) => b - a)),
  }
}

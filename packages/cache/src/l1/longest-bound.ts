/** What `l1.boundMs` may be at most. Outer levels rely on it, without knowing an inner level's own bound. */
export const LONGEST_L1_BOUND_MS = 1_000

/** The day of UTC that a request is answered on, for what counts back from today. */
export interface RequestDay {
  /** `2026-11-23` */
  readonly today: string
  /** {@link OUTWARD_MAX_AGE_SECONDS}, or less when the day ends before: then the answer is another, though nobody wrote. */
  readonly outwardMaxAgeSeconds: number
}

/**
 * How long outer caches keep statistics and what is made of them. They change with every view, so outer caches are not told
 * of each change; the field cache is, as ever.
 */
export const OUTWARD_MAX_AGE_SECONDS = 5

export function requestDay(now: Date): RequestDay {
  const tomorrow = Date.UTC(now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate() + 1)
  const secondsLeft = Math.floor((tomorrow - now.getTime()) / 1000)
  return {
    today: now.toISOString().slice(0, 10),
    outwardMaxAgeSeconds: Math.min(OUTWARD_MAX_AGE_SECONDS, secondsLeft),
  }
}

/** What the cache needs of a logger; pino and most others have it. */
export interface CacheLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
  error(details: object, message: string): void
}

/** Says the same thing once per interval, with how often it happened: a dead Redis must not fill the disk. */
export function createReports(
  logger: CacheLogger,
  intervalMs: number,
  now: () => number = performance.now.bind(performance),
) {
  const said = new Map<string, { at: number; suppressed: number }>()
  return {
    /** `topic` tells apart what is counted together; keep the number of topics small. */
    warn(topic: string, details: object, message: string): void {
      const last = said.get(topic)
      if (last && now() - last.at < intervalMs) {
        last.suppressed++
        return
      }
      said.set(topic, { at: now(), suppressed: 0 })
      logger.warn({ ...details, suppressed: last?.suppressed ?? 0 }, message)
    },
  }
}

export type Reports = ReturnType<typeof createReports>

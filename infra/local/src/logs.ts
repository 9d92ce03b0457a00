import { existsSync, readFileSync, renameSync, statSync } from 'node:fs'

/** How many former logs of a process are kept: as many as crashes after which a service is given up. */
const keptLogs = 5

/** A log as it was before the process's last start (`catalog.1.log`), the one before that (2), and so on. */
export function formerLog(log: string, starts = 1): string {
  return log.replace(/\.log$/, `.${starts}.log`)
}

/** Makes way for a new log; the oldest one goes. */
export function rotateLogs(log: string): void {
  for (let starts = keptLogs; starts >= 1; starts--) {
    const newer = starts === 1 ? log : formerLog(log, starts - 1)
    if (existsSync(newer)) renameSync(newer, formerLog(log, starts))
  }
}

/** The last lines of a log; empty when there is none. */
export function tail(file: string, lines: number): string[] {
  try {
    return readFileSync(file, 'utf8').trimEnd().split('\n').slice(-lines)
  } catch {
    return []
  }
}

/**
 * What a process that has just ended said at its end: empty when its last lines are older, and tell of something else.
 */
export function lastWords(file: string, lines: number): string[] {
  try {
    const { mtimeMs, size } = statSync(file)
    return size === 0 || Date.now() - mtimeMs > 10_000 ? [] : tail(file, lines)
  } catch {
    return []
  }
}

import type { SeedProgress } from '@freshet/seed'

/** Tells a person how a seed gets on. */
export interface SeedReport {
  onProgress(progress: SeedProgress): void
  close(): void
}

/**
 * A line for each table that is done, and at most one every `everyMs` (default 3 s) about the one that is being filled:
 * where rows came since the last one, or where the database works by itself. Of indexes only where they take that long.
 */
export function createSeedReport(report: (line: string) => void, everyMs = 3_000): SeedReport {
  let current: SeedProgress | undefined
  let began = 0
  let toldRows = 0
  let isSlow = false
  const timer = setInterval(() => {
    if (current === undefined || current.done) return
    const { table, rows, of } = current
    isSlow = true
    const seconds = Math.round((Date.now() - began) / 1000)
    // What the database computes by itself has no rows before it has all, and an index none at all.
    if (!rows) return report(`  ${table}: at work for ${seconds} s`)
    // All rows are sent while the database still writes them: the line that they are done follows.
    if (rows === toldRows || rows === of) return
    toldRows = rows
    report(`  ${table}: ${count(rows)}${of === null ? '' : ` of ${count(of)}`} rows so far`)
  }, everyMs).unref()

  return {
    onProgress(progress) {
      if (progress.table !== current?.table) {
        began = Date.now()
        isSlow = false
        toldRows = progress.rows ?? 0
        // Rows at its beginning are those of a seed that was interrupted.
        if (toldRows > 0 && !progress.done)
          report(`  ${progress.table}: goes on after ${count(toldRows)} rows`)
      }
      current = progress
      if (!progress.done) return
      if (progress.rows !== null) report(`  ${progress.table}: ${count(progress.rows)} rows`)
      else if (isSlow) report(`  ${progress.table}: done`)
    },
    close: () => clearInterval(timer),
  }
}

const count = (rows: number) => rows.toLocaleString('en')

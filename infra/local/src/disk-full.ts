import { existsSync, statfsSync } from 'node:fs'
import { homedir, tmpdir } from 'node:os'
import { join } from 'node:path'
import { types } from 'node:util'
import { workspaceRoot } from './layout.ts'

/** The operating system's, a quota's, PostgreSQL's `disk_full`. */
const codes = new Set<unknown>(['ENOSPC', 'EDQUOT', '53100'])
const words = /no space left on device|ENOSPC|disk quota exceeded/i

/** Whether something failed because a disk is full: it says so itself, or its cause does, or the log of a part. */
export function isDiskFull(error: unknown): boolean {
  if (!types.isNativeError(error)) return false
  const { code, logTail } = error as { code?: unknown; logTail?: readonly string[] }
  return (
    codes.has(code) ||
    words.test(error.message) ||
    (logTail ?? []).some((line) => words.test(line)) ||
    isDiskFull(error.cause)
  )
}

/** One line for a person: which disk is full, and what to do. What only says that one is, may write to any other. */
export function diskFullMessage(error?: unknown, folders: readonly string[] = written()): string {
  const { folder, free } = fullest(folders)
  if (free >= leastRoom) {
    return `A disk is full that this clone does not keep its data on, or a quota is used up: ${evidence(error)}. Make room where that is written (a tablespace, or the server that a FRESHET_* setting names), then try again.`
  }
  return `The disk of ${folder} is full (${Math.floor(free / 1024).toLocaleString('en')} KiB are free): nothing more can be written there. Make room, then try again. \`npx freshet down --delete-data\` deletes what this clone keeps, in every profile (-p names one); the README says what else there is.`
}

/** The words of whatever said that a disk is full, the innermost. */
function evidence(error: unknown): string {
  if (!types.isNativeError(error)) return String(error)
  if (isDiskFull(error.cause)) return evidence(error.cause)
  const { logTail } = error as { logTail?: readonly string[] }
  return logTail?.find((line) => words.test(line)) ?? error.message
}

// PostgreSQL ends when it finds no room for one more file of its write-ahead log (16 MiB).
const leastRoom = 20 * 1_048_576

/** Whether a disk that we write to has no room: what failed may not have been able to say so, for logs are on it, too. */
export function hasFullDisk(folders: readonly string[] = written()): boolean {
  return fullest(folders).free < leastRoom
}

// What fails rarely says which file it was.
function fullest(folders: readonly string[]): { folder: string; free: number } {
  const disks = folders.filter(existsSync).map((folder) => {
    const { bavail, bsize } = statfsSync(folder)
    return { folder, free: bavail * bsize }
  })
  return disks.sort((a, b) => a.free - b.free)[0] ?? { folder: workspaceRoot, free: 0 }
}

/** Where a start and a seed write: data and logs, PostgreSQL's data outside of root's clone, Kafka's jars, and in passing. */
function written(): string[] {
  const cache = process.env.XDG_CACHE_HOME || join(homedir(), '.cache')
  return [join(workspaceRoot, '.freshet'), workspaceRoot, '/var/lib/freshet', cache, tmpdir()]
}

import { linkSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { isAlive, type ProcessIdentity, self } from './identity.ts'

/** Waits for the lock by blocking: for critical sections of a few file operations. */
export function withLockSync<T>(path: string, section: () => T): T {
  const deadline = Date.now() + 10_000
  while (!tryLock(path)) {
    if (Date.now() > deadline) throw new Error(`${path} is held for over 10 s by ${describeHolder(path)}`)
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 5)
  }
  try {
    return section()
  } finally {
    rmSync(path, { force: true })
  }
}

/** Waits for the lock without blocking; `onWait` is told once who holds it. */
export async function withLock<T>(
  path: string,
  options: { onWait?: (holder: string) => void; signal?: AbortSignal },
  section: () => Promise<T>,
): Promise<T> {
  let told = false
  while (!tryLock(path)) {
    options.signal?.throwIfAborted()
    if (!told) options.onWait?.(describeHolder(path))
    told = true
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  try {
    return await section()
  } finally {
    rmSync(path, { force: true })
  }
}

/**
 * Takes a lock if nobody alive has it; it is held until the file is removed or this process ends.
 *
 * The lock file is linked into place with its content, so nobody ever sees one without a holder. A lock whose holder
 * is dead is removed under a second lock (a folder), so that two who see the same dead holder cannot remove a live
 * successor's lock.
 */
export function tryLock(path: string): boolean {
  const candidate = `${path}.${process.pid}.${Math.random().toString(36).slice(2)}`
  try {
    // On a full disk it leaves an empty file: hence within.
    writeFileSync(candidate, JSON.stringify(self()), { mode: 0o600 })
    if (linked(candidate, path)) return true
    removeDeadLock(path)
    return linked(candidate, path)
  } finally {
    rmSync(candidate, { force: true })
  }
}

/** Who holds a lock; null when nobody alive does. */
export function lockHolder(path: string): ProcessIdentity | null {
  const holder = holderOf(path)
  return typeof holder === 'string' ? null : holder
}

function linked(candidate: string, path: string): boolean {
  try {
    linkSync(candidate, path)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
    return false
  }
}

function removeDeadLock(path: string): void {
  if (holderOf(path) !== 'dead') return
  const breaker = `${path}.breaking`
  try {
    mkdirSync(breaker)
  } catch {
    // Somebody else is breaking it; unless that one died in the middle, which takes microseconds.
    try {
      if (Date.now() - statSync(breaker).mtimeMs > 5_000) rmdirSync(breaker)
    } catch {
      // Gone in the meantime: done.
    }
    return
  }
  try {
    if (holderOf(path) === 'dead') rmSync(path, { force: true })
  } finally {
    rmdirSync(breaker)
  }
}

function holderOf(path: string): ProcessIdentity | 'dead' | 'none' {
  let text: string
  try {
    text = readFileSync(path, 'utf8')
  } catch {
    return 'none'
  }
  try {
    const holder = JSON.parse(text) as ProcessIdentity
    return isAlive(holder) ? holder : 'dead'
  } catch {
    return 'dead'
  }
}

function describeHolder(path: string): string {
  const holder = lockHolder(path)
  return holder === null ? 'nobody' : `process ${holder.pid}`
}

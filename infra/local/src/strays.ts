import { readdirSync, readFileSync } from 'node:fs'
import { identify, type ProcessIdentity } from './identity.ts'
import type { Layout } from './layout.ts'

/** A process of this profile that no record knows: its launcher was killed before it could write, or the state is lost. */
export type Stray = ProcessIdentity & { name: string }

/** Finds strays by the tag in their environment. Linux only; elsewhere the state file is all there is. */
export function findStrays(layout: Layout, known: readonly ProcessIdentity[]): Stray[] {
  if (process.platform !== 'linux') return []
  const prefix = `FRESHET_OWNER=${layout.ownerTag('')}`
  return readdirSync('/proc')
    .filter((entry) => /^\d+$/.test(entry))
    .flatMap((entry) => {
      const pid = Number(entry)
      if (known.some((one) => one.pid === pid)) return []
      const tag = environmentOf(pid).find((variable) => variable.startsWith(prefix))
      const identity = tag === undefined ? null : identify(pid)
      return tag === undefined || identity === null ? [] : [{ ...identity, name: tag.slice(prefix.length) }]
    })
}

function environmentOf(pid: number): string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    // Somebody else's, or gone.
    return []
  }
}

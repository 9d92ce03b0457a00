import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

/** A process and the moment it began: together they are never reused, a pid alone is. */
export type ProcessIdentity = Readonly<{ pid: number; started: string }>

/** Null when no such process runs (a zombie does not run: its parent has only not looked yet). */
export function identify(pid: number): ProcessIdentity | null {
  const started = process.platform === 'linux' ? startedByProc(pid) : startedByPs(pid)
  return started === null ? null : { pid, started }
}

/** Whether the very process that was recorded still runs. */
export function isAlive(identity: ProcessIdentity): boolean {
  return identify(identity.pid)?.started === identity.started
}

/** This process. */
export function self(): ProcessIdentity {
  return identify(process.pid) ?? { pid: process.pid, started: 'unknown' }
}

// Ticks since the boot, so the boot's id belongs to it: the same pid and tick can come again after a reboot.
function startedByProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // The second field is the command in parentheses and may hold spaces and parentheses itself.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const [state, ticks] = [fields[0], fields[19]]
    if (state === 'Z' || state === 'X' || ticks === undefined) return null
    return `${readFileSync('/proc/sys/kernel/random/boot_id', 'latin1').trim()}/${ticks}`
  } catch {
    // No such process, or it went away while we looked.
    return null
  }
}

function startedByPs(pid: number): string | null {
  try {
    const line = execFileSync('ps', ['-o', 'stat=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      env: { ...process.env, LC_ALL: 'C' },
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    return line === '' || line.startsWith('Z') ? null : line.replace(/^\S+\s+/, '')
  } catch {
    // ps exits with 1 when there is no such process.
    return null
  }
}

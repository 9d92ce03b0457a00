import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

const ticksPerSecond = Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }))

/** User and system time of a process, in milliseconds; with its children: also of those that have ended. */
export function cpuMs(pid: number, options: { children?: boolean } = {}): number {
  const fields = statOf(pid)
  if (fields === null) return 0
  const [user, system, endedUser, endedSystem] = fields.slice(11, 15).map(Number) as [
    number,
    number,
    number,
    number,
  ]
  const own = ((user + system) * 1_000) / ticksPerSecond
  if (options.children !== true) return own
  const ended = ((endedUser + endedSystem) * 1_000) / ticksPerSecond
  return childrenOf(pid).reduce((sum, child) => sum + cpuMs(child), own + ended)
}

/** Fields are counted from behind the command's name, which may hold anything. Null of a process that is gone. */
function statOf(pid: number): string[] | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  } catch {
    return null
  }
}

function childrenOf(pid: number): number[] {
  return readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8')
    .trim()
    .split(' ')
    .filter(Boolean)
    .map(Number)
}

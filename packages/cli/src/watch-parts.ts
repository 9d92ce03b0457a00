import { formerLog, isAlive, type Layout, lastWords, type ProcessRecord, readState } from '@freshet/local'

/**
 * Says once when PostgreSQL, Redis or Kafka goes away: how, if this process had started it, and what it said at its
 * end. Its timer keeps the process waiting until `close`.
 */
export function watchParts(
  layout: Layout,
  options: { complain: (line: string) => void; shown: (log: string) => string; everyMs?: number },
): { close: () => void } {
  const { complain, shown } = options
  let known = parts(layout)
  /** Seen to be gone, its exit code not yet. */
  const awaited = new Set<number>()

  function look(): void {
    const { processes, ended } = readState(layout)
    const unclear = known.filter((part) => {
      if (isAlive(part)) return false
      const reason = ended.find(({ pid }) => pid === part.pid)?.reason
      // Node tells of its own children a moment later.
      if (reason === null && part.owner.pid === process.pid && !awaited.has(part.pid))
        return awaited.add(part.pid)
      tell(part, reason ?? null, processes)
      return false
    })
    known = [...parts(layout), ...unclear]
  }

  function tell(part: ProcessRecord, reason: string | null, processes: readonly ProcessRecord[]): void {
    const next = processes.find(({ kind, name }) => kind === 'part' && name === part.name)
    // Its successor has begun a log of its own.
    const log = next === undefined ? part.log : formerLog(part.log)
    const how = reason ?? 'has ended (another command had started it, so how is not known)'
    const words = lastWords(log, 8)
    complain(`${part.name} ${how}; its log: ${shown(log)}${words.length > 0 ? '. Its last lines:' : ''}`)
    for (const line of words) complain(`    | ${line}`)
    if (next === undefined) complain('  `npx freshet up` in another terminal starts it again.')
    else complain(`  It runs again (process ${next.pid}).`)
  }

  const timer = setInterval(look, options.everyMs ?? 1_000)
  return { close: () => clearInterval(timer) }
}

function parts(layout: Layout): ProcessRecord[] {
  return readState(layout).processes.filter(({ kind }) => kind === 'part')
}

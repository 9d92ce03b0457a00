import type { SessionFacts } from '../facts/activity.ts'
import type { Finding } from '../finding.ts'
import { ownerOf } from '../query-tags.ts'
import { span } from '../report/figures.ts'
import { shortSql } from '../sql-text.ts'

/** What a session is called in a finding. */
export const sessionName = ({ pid, program, role }: SessionFacts) => `session ${pid} (${program || role})`

/** How many of those that wait are named: the first to come are the ones to look at. */
const named = 3

/**
 * One for each session that others wait for and that waits for nobody: ending one in between frees nobody for long. Who waits
 * in a circle is left to PostgreSQL, which ends one of them within a second.
 */
export function blockedFindings(sessions: readonly SessionFacts[]): Finding[] {
  const byPid = new Map(sessions.map((session) => [session.pid, session]))
  const waits = sessions.flatMap((session) => rootsOf(session, byPid).map((root) => ({ root, session })))
  return [...Map.groupBy(waits, ({ root }) => root)].map(([root, of]) =>
    blocking(
      root,
      byPid.get(root),
      of.map(({ session }) => session).toSorted((a, b) => b.secondsInState - a.secondsInState),
    ),
  )
}

/** Behind whom a session waits in the end. */
function rootsOf({ blockedBy }: SessionFacts, byPid: ReadonlyMap<number, SessionFacts>): number[] {
  const [roots, seen, next] = [new Set<number>(), new Set<number>(), [...blockedBy]]
  for (let pid = next.pop(); pid !== undefined; pid = next.pop()) {
    if (seen.has(pid)) continue
    seen.add(pid)
    const behind = byPid.get(pid)?.blockedBy ?? []
    if (behind.length === 0) roots.add(pid)
    next.push(...behind)
  }
  return [...roots]
}

function blocking(pid: number, root: SessionFacts | undefined, waiting: SessionFacts[]): Finding {
  const longest = waiting[0]!
  const between = waiting.filter((one) => waiting.some(({ blockedBy }) => blockedBy.includes(one.pid)))
  const who = waiting
    .slice(0, named)
    .map((one) => `${sessionName(one)} for ${span(one.secondsInState)}: ${shortSql(one.sql)}`)
  const more = waiting.length > named ? `; and ${waiting.length - named} more` : ''
  const through =
    between.length === 0 ? '' : ` Some of them wait behind ${between.map(sessionName).join(', ')}, in turn.`
  return {
    id: 'session.blocked',
    severity: 'error',
    title: waiting.length === 1 ? 'a statement waits for a lock' : 'statements wait for a lock',
    object: root ? sessionName(root) : pid === 0 ? 'a prepared transaction' : `session ${pid}`,
    detail: `${holding(pid, root)} ${waiting.length === 1 ? 'One session waits' : `${waiting.length} sessions wait`} for it: ${who.join('; ')}${more}.${through}`,
    advice:
      pid === 0
        ? 'select gid, prepared from pg_prepared_xacts; commit prepared or rollback prepared the one that was left'
        : `shorten the transaction that holds it; select pg_terminate_backend(${pid}) ends it`,
    evidence: {
      owner: ownerOf(root?.tags ?? {}, root?.role),
      waiting: waiting.length,
      seconds: Math.round(longest.secondsInState),
      sessions: waiting.map((one) => one.pid).join(', '),
      statement: shortSql(longest.sql),
      statement_owner: ownerOf(longest.tags, longest.role),
    },
  }
}

function holding(pid: number, root: SessionFacts | undefined): string {
  if (pid === 0) return 'A transaction was prepared, and never ended.'
  // No client of this database: autovacuum, or a program of another one that holds something of the whole server.
  if (root === undefined) return 'It is no client of this database.'
  const last = root.state === 'active' ? 'it runs' : `${root.state}, its last statement is`
  return `For ${span(root.secondsInTransaction ?? root.secondsInState)} in one transaction, ${last} ${shortSql(root.sql)}.`
}

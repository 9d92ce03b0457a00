import type { SessionFacts } from '../facts/activity.ts'
import type { Finding } from '../finding.ts'
import type { LogFacts, LoggedTrouble } from '../log/log-facts.ts'
import { ownerOf } from '../query-tags.ts'
import { times } from '../report/figures.ts'
import { shapeOf, shortSql, statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { sessionName } from './blocked.ts'
import { seenIn } from './seen-in-log.ts'

interface Words {
  readonly title: string
  readonly advice: string
  /** What there is to say beside when it was. */
  readonly more?: string
  readonly evidence?: Finding['evidence']
}

/** Whom trouble has met: each statement once for each kind. */
export function troubleFindings(log: LogFacts, sessions: readonly SessionFacts[]): Finding[] {
  const groups = Map.groupBy(log.troubles, ({ kind, sql }) => JSON.stringify([kind, shapeOf(sql)]))
  return [...groups.values()].map((group) => {
    const { kind, sql, tags, role } = group[0]!
    const { when, evidence } = seenIn(group)
    const words = wordsFor[kind](group, log, sessions)
    return {
      id: `log.${kind}`,
      severity: 'warning',
      title: words.title,
      object: statementName(sql) || 'a statement that the log does not name',
      detail: `It is in the log ${times(group.length)}${when}.${words.more ?? ''}`,
      advice: words.advice,
      evidence: {
        owner: ownerOf(tags, role),
        times: group.length,
        trace: tags.traceId ?? null,
        ...evidence,
        ...words.evidence,
      },
    }
  })
}

type WordsFor = (group: readonly LoggedTrouble[], log: LogFacts, sessions: readonly SessionFacts[]) => Words

const wordsFor: Readonly<Record<LoggedTrouble['kind'], WordsFor>> = {
  deadlock: () => ({
    title: 'a statement was ended in a deadlock',
    advice: 'lock rows in the same order everywhere: sort the ids before an update',
  }),
  'lock-wait': lockWait,
  'statement-timeout': timedOut,
}

function lockWait(
  group: readonly LoggedTrouble[],
  { statements }: LogFacts,
  sessions: readonly SessionFacts[],
): Words {
  const title = 'a statement waited for a lock for long'
  const pids = [...new Set(group.flatMap(({ holders }) => holders))]
  if (pids.length === 0) return { title, advice: 'shorten the transaction that held it' }
  const nameOf = (pid: number) => {
    const session = sessions.find((one) => one.pid === pid)
    if (session) return `${sessionName(session)}, now ${session.state}: ${shortSql(session.sql)}`
    const last = statements.findLast((one) => one.pid === pid)
    if (!last) return `process ${pid}, no session of this database now`
    return `process ${pid} (${ownerOf(last.tags, last.role)}), no session of this database now; its last statement in the log is ${shortSql(last.sql)}`
  }
  return {
    title,
    advice: 'shorten the transaction that held it',
    more: ` It was held by ${pids.slice(-3).map(nameOf).join('; ')}.`,
    evidence: { holders: pids.join(', ') },
  }
}

/** Who waited for a lock until its time was over was not slow. */
function timedOut(group: readonly LoggedTrouble[], { troubles }: LogFacts): Words {
  const waits = troubles.filter(
    (one) => one.kind === 'lock-wait' && shapeOf(one.sql) === shapeOf(group[0]!.sql),
  )
  const waited = group.filter((one) => waits.some((wait) => endedIn(wait, one))).length
  const title = 'a statement was cancelled because it took too long'
  const evidence = { waited_for_a_lock: waited }
  if (waited === 0) return { title, advice: 'make it faster; its client got an error', evidence }
  const more = ` ${waited === group.length ? 'Each time' : `${times(waited)[0]!.toUpperCase()}${times(waited).slice(1)}`} it had waited for a lock: log.lock-wait says whose.`
  const shorten = 'shorten the transaction that held the lock'
  if (waited < group.length)
    return {
      title,
      more,
      evidence,
      advice: `${shorten}, and make the statement faster; its client got an error`,
    }
  return {
    title: 'a statement was cancelled while it waited for a lock',
    more,
    evidence,
    advice: `${shorten}: the statement itself need not be slow; its client got an error`,
  }
}

/** Whether the wait was one of the same process, within the time that a statement may take. */
function endedIn(wait: LoggedTrouble, cancelled: LoggedTrouble): boolean {
  if (wait.pid !== cancelled.pid) return false
  if (wait.at === null || cancelled.at === null) return true
  const between = cancelled.at.getTime() - wait.at.getTime()
  return between >= 0 && between <= thresholds.longestStatement * 1_000
}

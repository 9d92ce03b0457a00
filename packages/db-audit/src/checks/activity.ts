import type { SessionFacts, SlotFacts } from '../facts/activity.ts'
import type { Facts } from '../facts/facts.ts'
import type { Finding } from '../finding.ts'
import { isOneOff, takesTurns } from '../purpose.ts'
import { ownerOf } from '../query-tags.ts'
import { megabytes, percent, times } from '../report/figures.ts'
import { printable, shapeOf, shortSql, statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { blockedFindings, sessionName } from './blocked.ts'

/** Who waits right now, and for whom; and what the server has counted of it. */
export function activityFindings(facts: Facts): Finding[] {
  return [
    ...facts.sessions.flatMap((session) => [...idle(session), ...longTransaction(session)]),
    ...blockedFindings(facts.sessions),
    ...longStatements(facts.sessions),
    ...busyPools(facts.sessions),
    ...facts.idleSlots.map(idleSlot),
    ...counted(facts),
  ]
}

const evidenceOf = ({ tags, role, sql, secondsInState }: SessionFacts) => ({
  owner: ownerOf(tags, role),
  seconds: Math.round(secondsInState),
  statement: shortSql(sql),
})

function idle(session: SessionFacts): Finding[] {
  if (!session.state?.startsWith('idle in transaction')) return []
  if (session.secondsInState < thresholds.idleInTransaction) return []
  return [
    {
      id: 'session.idle-in-transaction',
      severity: 'warning',
      title: 'a transaction is open and does nothing',
      object: sessionName(session),
      detail: 'It holds its locks, and vacuum can remove nothing that it might still look at.',
      advice: `find out what its program waits for; select pg_terminate_backend(${session.pid}) ends it`,
      evidence: evidenceOf(session),
    },
  ]
}

/** One that goes on sending statements, each of them short. */
function longTransaction(session: SessionFacts): Finding[] {
  const { secondsInTransaction, secondsInState } = session
  if (secondsInTransaction === null || secondsInTransaction < thresholds.longTransaction) return []
  // What it has done all the while, or waits for, is told by itself.
  if (session.blockedBy.length > 0 || secondsInState >= thresholds.longStatement || isOneOff(session))
    return []
  return [
    {
      id: 'session.long-transaction',
      severity: 'warning',
      title: 'a transaction is open for long',
      object: sessionName(session),
      detail: `For ${Math.round(secondsInTransaction)} s, and it still sends statements: it holds its locks, and vacuum can remove nothing that it might still look at.`,
      advice: `commit in batches; select pg_terminate_backend(${session.pid}) ends it`,
      evidence: { ...evidenceOf(session), seconds: Math.round(secondsInTransaction) },
    },
  ]
}

function idleSlot({ name, plugin, keptBytes }: SlotFacts): Finding {
  return {
    id: 'replication.slot-inactive',
    severity: 'warning',
    title: 'nobody reads from a replication slot',
    object: name,
    detail: `${megabytes(keptBytes)} of write-ahead log are kept for it, and more with each write until the disk is full; a vacuum may be held up, too.`,
    advice: `start what reads from it; if that is gone: select pg_drop_replication_slot('${printable(name)}')`,
    evidence: { kept_bytes: keptBytes, plugin },
  }
}

/** Once for each statement, however many sessions run it. */
function longStatements(sessions: readonly SessionFacts[]): Finding[] {
  const running = sessions.filter(
    (session) =>
      session.state === 'active' &&
      session.blockedBy.length === 0 &&
      session.secondsInState >= thresholds.longStatement &&
      !isOneOff(session) &&
      !takesTurns(session),
  )
  const groups = Map.groupBy(running, ({ program, sql }) => `${program} ${shapeOf(sql)}`)
  return [...groups.values()].map((group) => {
    const longest = group.toSorted((a, b) => b.secondsInState - a.secondsInState)[0]!
    return {
      id: 'session.long-statement',
      severity: 'warning',
      title: 'a statement runs for long',
      object: `${longest.program || longest.role}: ${statementName(longest.sql)}`,
      detail: `For ${Math.round(longest.secondsInState)} s in session ${longest.pid}${group.length > 1 ? `, and in ${group.length - 1} more` : ''}; a service gives a statement up after 4 s, so it is not one of theirs, or its bound is off.`,
      advice: `select pg_cancel_backend(${longest.pid}) ends it; give its role a statement_timeout`,
      evidence: { ...evidenceOf(longest), sessions: group.length },
    }
  })
}

/** A pool with a connection to spare has an idle one: where all are busy, the next statement waits in the service. */
function busyPools(sessions: readonly SessionFacts[]): Finding[] {
  const programs = Map.groupBy(sessions, ({ program }) => program)
  return [...programs].flatMap(([program, own]) => {
    if (own.some(({ state }) => state === 'idle')) return []
    const waits = own.filter(({ blockedBy }) => blockedBy.length > 0).length
    // A smaller pool than usual tells itself by those that wait for one another.
    if (own.length < (waits > 0 ? thresholds.waitingPool : thresholds.busyPool)) return []
    return [
      {
        id: 'pool.exhausted',
        severity: 'warning',
        title: 'a pool has no connection left',
        object: program || 'programs without a name',
        detail: `All ${own.length} connections are busy (${waits} of them wait for locks): further statements wait in the service, and fail after 3 s.`,
        advice: 'make its slow statements fast first; then raise DATABASE_POOL_SIZE',
        evidence: { connections: own.length, waiting_for_locks: waits, statement: shortSql(own[0]!.sql) },
      },
    ]
  })
}

function counted({ deadlocks, connections, maxConnections, database }: Facts): Finding[] {
  const found: Finding[] = []
  if (deadlocks > 0) {
    found.push({
      id: 'database.deadlocks',
      severity: 'warning',
      title: 'transactions have locked each other out',
      object: database,
      detail: `${times(deadlocks)} since the statistics began; each cost a second, and one of the two had to start again.`,
      advice:
        'lock rows in the same order everywhere (sort the ids before an update); the log names both statements',
      evidence: { deadlocks },
    })
  }
  if (connections > thresholds.connections * maxConnections) {
    found.push({
      id: 'database.connections',
      severity: 'error',
      title: 'the server runs out of connections',
      object: database,
      detail: `${connections} of ${maxConnections} (${percent(connections / maxConnections)}) are taken; then nobody gets in.`,
      advice: 'lower DATABASE_POOL_SIZE of the services, or put a pooler in between',
      evidence: { connections, max_connections: maxConnections },
    })
  }
  return found
}

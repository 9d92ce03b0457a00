import type { Facts } from '../facts/facts.ts'
import type { Finding } from '../finding.ts'
import type { LoggedStatement } from '../log/log-facts.ts'
import { isBackground, isOneOff, severityOfTime, takesTurns } from '../purpose.ts'
import { ownerOf } from '../query-tags.ts'
import { duration } from '../report/figures.ts'
import { shapeOf, statementName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { troubleFindings } from './log-troubles.ts'
import { seenIn } from './seen-in-log.ts'

/** What the log tells and no counter does: which statements belong together, and whom trouble has met. */
export function logFindings({ log, sessions }: Facts): Finding[] {
  if (log === null) return []
  const statements = log.statements.filter((statement) => !isOneOff(statement))
  return [...repeated(statements), ...slow(statements), ...troubleFindings(log, sessions)]
}

/** Many equal statements in one trace: somebody asks for each row by itself. */
function repeated(statements: readonly LoggedStatement[]): Finding[] {
  // With auto_explain a statement may be there twice: once with its duration, once with its plan.
  const traced = Map.groupBy(
    statements.filter(({ tags }) => tags.traceId !== undefined),
    ({ sql, tags, plan }) => JSON.stringify([tags.traceId, shapeOf(sql), plan !== null]),
  )
  const worst = new Map<string, { group: LoggedStatement[]; traces: Set<string> }>()
  for (const group of traced.values()) {
    if (group.length < thresholds.repeatedInTrace) continue
    const { sql, tags } = group[0]!
    const key = JSON.stringify([tags.service, tags.operation, shapeOf(sql)])
    const known = worst.get(key)
    const traces = (known?.traces ?? new Set()).add(tags.traceId!)
    worst.set(key, { group: known && known.group.length >= group.length ? known.group : group, traces })
  }
  return [...worst.values()].map(({ group, traces }) => {
    const { sql, tags, role } = group[0]!
    const ms = group.reduce((sum, { milliseconds }) => sum + milliseconds, 0)
    return {
      id: 'trace.n-plus-one',
      severity: 'warning',
      title: 'one request sends the same statement again and again',
      object: `${ownerOf(tags, role)}: ${statementName(sql)}`,
      detail: `${group.length} times within trace ${tags.traceId} (${duration(ms)})${seenIn(group).when}; and in ${traces.size} ${traces.size === 1 ? 'trace' : 'traces'} in all.`,
      advice: `load it in batches: a loader whose batch function takes all keys at once (cachedLoader or trackedLoader of @freshet/subgraph); freshet trace ${tags.traceId} shows who asks`,
      evidence: {
        owner: ownerOf(tags, role),
        times: group.length,
        traces: traces.size,
        trace: tags.traceId!,
        ...seenIn(group).evidence,
      },
    }
  })
}

function slow(statements: readonly LoggedStatement[]): Finding[] {
  const slowOnes = statements.filter(
    (statement) => statement.milliseconds >= thresholds.slowStatement && !takesTurns(statement),
  )
  const groups = Map.groupBy(slowOnes, ({ sql, plan }) => JSON.stringify([shapeOf(sql), plan !== null]))
  const reported = new Set<string>()
  return [...groups.values()].flatMap((group) => {
    const { sql, tags, role } = group[0]!
    if (group.length < thresholds.slowTimes || reported.has(shapeOf(sql))) return []
    reported.add(shapeOf(sql))
    const { when, evidence } = seenIn(group)
    const longest = Math.max(...group.map(({ milliseconds }) => milliseconds))
    return [
      {
        id: 'log.slow-statement',
        severity: severityOfTime(group[0]!),
        title: 'a statement was slow again and again',
        object: statementName(sql),
        detail: `${group.length} times in the log, at worst ${duration(longest)}${when}.`,
        advice: `look at its plan in the log, and at what this audit says of its tables${isBackground(group[0]!) ? '; nobody waits for it, so it may be as slow as that where its plan has nothing to mend' : ''}`,
        evidence: {
          owner: ownerOf(tags, role),
          times: group.length,
          trace: tags.traceId ?? null,
          ...evidence,
        },
      },
    ]
  })
}

import type { Facts } from '../facts/facts.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { shortSql } from '../sql-text.ts'

/** What this audit says nothing of, because of locks. */
export function leftOutFindings({ leftOut, unread }: Facts): Finding[] {
  const tables = leftOut.map(({ pid, program, ...table }): Finding => {
    const holder = pid === null ? 'a prepared transaction' : `session ${pid} (${shortSql(program || '-')})`
    return {
      id: 'audit.left-out',
      severity: 'warning',
      title: 'a table is locked, and nothing in this report is about it',
      object: nameOf(table),
      detail: `${holder} holds an ACCESS EXCLUSIVE lock on it or a part of it, or waits for one: nobody else can so much as look.`,
      advice: 'what is said of sessions comes first; then run the audit again',
      evidence: { pid, program },
    }
  })
  if (unread === null) return tables
  return [
    ...tables,
    {
      id: 'audit.left-out',
      severity: 'error',
      title: 'tables and indexes could not be read, and nothing in this report is about them',
      object: 'all tables',
      detail: `A lock was waited for in vain, on no table that was to be looked at: ${shortSql(unread)}.`,
      advice: 'find out who locks a system catalog (a vacuum full, say), and run the audit again',
      evidence: { reason: unread },
    },
  ]
}

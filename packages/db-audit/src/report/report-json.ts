import type { AuditReport } from '../audit.ts'

/** The report for programs. What steers a terminal or turns letters around is escaped: people look at it, too. */
export function reportJson(report: AuditReport): string {
  return JSON.stringify(report, null, 2).replaceAll(
    /[\u007f-\u009f\p{Bidi_Control}\u2028\u2029]/gu,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )
}

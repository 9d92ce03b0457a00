import { toTable } from '../../table.ts'
import type { Study } from '../case-study.ts'
import { endpointRows, phaseTitle, statementRows, stepRows, verdictRows } from './rows.ts'
import { aimsNote, type Verdict } from './verdicts.ts'

/** The study as tables for a terminal. */
export function toText(study: Study, verdicts: readonly Verdict[]): string {
  const phases = [...study.rates.keys()]
  const sections = [
    ...phases.flatMap((phase) => [phaseTitle(study, phase), toTable(endpointRows(study, phase))]),
    ...phases.flatMap((phase) => [
      `step by step, ${phaseTitle(study, phase)}: costs for each request`,
      toTable(stepRows(study, phase)),
    ]),
    'statements of one request, alone',
    toTable(statementRows(study)),
  ]
  if (verdicts.length > 0) {
    const note = aimsNote(study)
    sections.push('aims', toTable(verdictRows(verdicts)), ...(note === undefined ? [] : [note]))
  }
  return sections.join('\n\n')
}

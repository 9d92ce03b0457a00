import type { Facts } from '../facts/facts.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { percent } from '../report/figures.ts'
import { sqlName } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'

/** Materialized views that do not show what is there. */
export function viewFindings({ views }: Facts): Finding[] {
  return views.flatMap((view): Finding[] => {
    const advice = `refresh materialized view ${sqlName(view)}`
    if (!view.isPopulated) {
      return [
        {
          id: 'view.empty',
          severity: 'error',
          title: 'a materialized view was never filled',
          object: nameOf(view),
          detail: 'Whoever reads it gets an error.',
          advice,
          evidence: { of: view.bases.join(', ') },
        },
      ]
    }
    if (view.newer === null || view.newer < thresholds.newerThanView) return []
    return [
      {
        id: 'view.stale',
        severity: 'warning',
        title: 'a materialized view is old',
        object: nameOf(view),
        detail: `${percent(view.newer)} of the rows of ${view.bases.join(', ')} were written after it was refreshed.`,
        advice: `${advice}, and find out why its job does not`,
        evidence: { newer: view.newer, of: view.bases.join(', ') },
      },
    ]
  })
}

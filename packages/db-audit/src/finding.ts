/** `error`: hurts now. `warning`: hurts soon, or under load. `info`: worth knowing, nothing has to be done. */
export type Severity = 'error' | 'warning' | 'info'

/** A migration that is ready to be put into a service's folder, under its next number. */
export interface ReadyMigration {
  readonly schema: string
  /** `index_orders_customer_id` */
  readonly name: string
  /** The file. */
  readonly text: string
}

/** One thing that is wrong. */
export interface Finding {
  /** Which check found it, such as `index.duplicate`: stable, so that CI may count by it. */
  readonly id: string
  readonly severity: Severity
  readonly title: string
  /** The table, the index, the session or the statement. */
  readonly object: string
  readonly detail: string
  readonly advice: string
  /** The figures that it stands on. */
  readonly evidence: Readonly<Record<string, string | number | boolean | null>>
  readonly migration?: ReadyMigration
}

const ranks: Readonly<Record<Severity, number>> = { error: 0, warning: 1, info: 2 }

/** Whether a severity is as bad as another one, or worse. */
export function isAtLeast(severity: Severity, level: Severity): boolean {
  return ranks[severity] <= ranks[level]
}

/** Of findings that are equally bad: what is so right now, then what has just happened, then what will be there tomorrow, too. */
function nearness({ id }: Finding): number {
  if (/^(?:session|pool)\.|^database\.connections$/.test(id)) return 0
  return /^(?:log|trace)\./.test(id) ? 1 : 2
}

/** The worst first, and the nearest; then by check and object, so that two runs can be compared. */
export function byUrgency(a: Finding, b: Finding): number {
  return (
    ranks[a.severity] - ranks[b.severity] ||
    nearness(a) - nearness(b) ||
    a.id.localeCompare(b.id) ||
    a.object.localeCompare(b.object)
  )
}

/** A node of a plan as EXPLAIN (FORMAT JSON) and auto_explain write it. */
export interface PlanNode {
  readonly 'Node Type': string
  readonly Plans?: readonly PlanNode[]
  readonly Schema?: string
  readonly 'Relation Name'?: string
  readonly Alias?: string
  readonly 'Index Name'?: string
  readonly 'Total Cost': number
  readonly 'Plan Rows': number
  readonly 'Sort Key'?: readonly string[]
  readonly Filter?: string
  readonly 'Index Cond'?: string
  readonly 'Recheck Cond'?: string
  readonly 'Hash Cond'?: string
  readonly 'Merge Cond'?: string
  readonly 'Join Filter'?: string
}

/** All nodes, each before those below it. */
export function* nodesOf(plan: PlanNode): Generator<PlanNode> {
  yield plan
  for (const child of plan.Plans ?? []) yield* nodesOf(child)
}

/** What a plan does, without its figures: two plans with the same are the same plan. */
export function planShape(plan: PlanNode): string {
  const what = [plan['Node Type'], plan['Relation Name'], plan['Index Name']].filter(Boolean).join(' ')
  const below = (plan.Plans ?? []).map(planShape)
  return below.length === 0 ? what : `${what} (${below.join(', ')})`
}

/** The tables that it reads as a whole: `catalog.products`. */
export function scannedTables(plan: PlanNode): string[] {
  return [...nodesOf(plan)]
    .filter((node) => node['Node Type'] === 'Seq Scan')
    .map((node) => `${node.Schema}.${node['Relation Name']}`)
}

const conditions = ['Filter', 'Index Cond', 'Recheck Cond', 'Hash Cond', 'Merge Cond', 'Join Filter'] as const

/** Every condition of a node, as PostgreSQL words it. */
export function conditionsOf(node: PlanNode): string[] {
  return conditions.flatMap((kind) => node[kind] ?? [])
}

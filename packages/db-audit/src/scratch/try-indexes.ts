import { type AuditClient, openAuditClient } from '../audit-client.ts'
import { reasonOf } from '../audit-error.ts'
import { scratchPrefix } from '../facts/own-objects.ts'
import { nameOf, type TableFacts } from '../facts/tables.ts'
import { type ExplainedStatement, explain } from '../plans/explained.ts'
import type { IndexCandidate } from '../plans/index-candidates.ts'
import { nodesOf, type PlanNode } from '../plans/plan.ts'
import { escapedPattern } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { copyTable, dropCopy, type ScratchCopy } from './scratch-copy.ts'

/** An index that was built on a copy of its table, and that lowers the cost of a statement enough. */
export interface TriedIndex {
  readonly table: TableFacts
  readonly keys: readonly string[]
  /** By how much they gain, the one that gains most first. */
  readonly served: readonly { statement: ExplainedStatement; before: number; after: number }[]
  /** Of the index on the whole table, by what it takes on the copied rows. */
  readonly bytes: number
  /** Bytes of the write-ahead log, by which each insert becomes dearer, and each update that changes a key. */
  readonly walPerWrite: number
  readonly copiedRows: number
}

/** A table that no copy could be made of. */
export interface NotTried {
  readonly table: TableFacts
  readonly reason: string
}

/**
 * Tries each candidate on a copy of its table, in a transaction for each table that is rolled back. Of the table itself
 * nothing is locked but its definition, and that for the seconds in which it is read.
 *
 * @returns those that are worth their writes
 */
export async function tryIndexes(
  url: string,
  candidates: readonly IndexCandidate[],
): Promise<{ tried: TriedIndex[]; notTried: NotTried[] }> {
  const [tried, notTried]: [TriedIndex[], NotTried[]] = [[], []]
  if (candidates.length === 0) return { tried, notTried }
  const client = await openAuditClient(url, 'scratch')
  try {
    for (const own of Map.groupBy(candidates, ({ table }) => nameOf(table)).values()) {
      try {
        tried.push(...(await tryOnTable(client, own)))
      } catch (error) {
        notTried.push({ table: own[0]!.table, reason: reasonOf(error) })
      }
    }
    return { tried, notTried }
  } finally {
    await client.close()
  }
}

/**
 * Each with those in place that were found worth it before: what one serves, another one need not serve again. Those of
 * the most keys come first, as they serve what their beginnings would; then those of the statements of the most time.
 */
async function tryOnTable(client: AuditClient, candidates: readonly IndexCandidate[]): Promise<TriedIndex[]> {
  const { table } = candidates[0]!
  try {
    const copy = await copyTable(client, table)
    const statements = [...new Set(candidates.map(({ statement }) => statement))]
    const inPlace: Costs = {
      plans: await plansOf(client, statements, table, copy),
      walPerInsert: await copy.walPerInsert(),
    }
    const tried: TriedIndex[] = []
    const distinct = new Map(candidates.map(({ keys }) => [keys.join(', '), keys]))
    for (const keys of [...distinct.values()].toSorted((a, b) => b.length - a.length)) {
      await client.rows('savepoint candidate')
      const name = `${scratchPrefix}index_${tried.length}`
      // What PostgreSQL takes into no index (a function that may change its mind) is no missing one.
      const index = await tryOne(client, { name, keys, table, statements }, copy, inPlace).catch(() => null)
      if (index) tried.push(index)
      else await client.rows('rollback to savepoint candidate')
    }
    await dropCopy(client)
    return tried
  } catch (error) {
    // It says why; what a standby or a lost connection says of cleaning up does not.
    await dropCopy(client).catch(() => {})
    throw error
  }
}

/** With the indexes that were found worth it: the plan of each statement, and what an insert writes. */
interface Costs {
  plans: (PlanNode | null)[]
  walPerInsert: number
}

/** Leaves it in place if it is worth it, and what the statements cost with it in `inPlace`. */
async function tryOne(
  client: AuditClient,
  {
    name,
    keys,
    table,
    statements,
  }: Pick<TriedIndex, 'table' | 'keys'> & {
    name: string
    statements: readonly ExplainedStatement[]
  },
  copy: ScratchCopy,
  inPlace: Costs,
): Promise<TriedIndex | null> {
  await client.rows(`create index ${name} on ${copy.name} (${keys.join(', ')})`)
  // Of an expression there are no statistics before it has an index.
  if (keys.some((key) => key.startsWith('('))) await client.rows(`analyze ${copy.name}`)
  const plans = await plansOf(client, statements, table, copy)
  const served = statements
    .map((statement, at) => ({ statement, before: inPlace.plans[at]?.['Total Cost'] ?? 0, plan: plans[at] }))
    .filter(({ plan }) => plan != null && uses(plan, name))
    .map(({ plan, ...own }) => ({ ...own, after: plan!['Total Cost'] }))
    .filter(({ before: cost, after: lowered }) => cost >= thresholds.indexGain * lowered)
    .toSorted((a, b) => b.before / b.after - a.before / a.after)
  if (served.length === 0) return null
  const [size] = await client.rows<{ bytes: number }>(
    `select pg_relation_size('${copy.schema}.${name}')::float8 as bytes`,
  )
  const walPerInsert = await copy.walPerInsert()
  const walPerWrite = walPerInsert - inPlace.walPerInsert
  const bytes = (size!.bytes * Math.max(copy.rows, table.rows)) / Math.max(copy.rows, 1)
  Object.assign(inPlace, { plans, walPerInsert })
  return { table, keys, served, bytes, walPerWrite, copiedRows: copy.rows }
}

/** The copy stands in for the table: it comes first in the path, and in the place of the table's full name. */
async function plansOf(
  client: AuditClient,
  statements: readonly ExplainedStatement[],
  { schema, name }: TableFacts,
  copy: ScratchCopy,
): Promise<(PlanNode | null)[]> {
  const either = (one: string) => `(?:${escapedPattern(one)}|"${escapedPattern(one.replaceAll('"', '""'))}")`
  const fullName = new RegExp(`(?<![\\w."])${either(schema)}\\.${either(name)}(?![\\w"])`, 'gi')
  const plans: (PlanNode | null)[] = []
  for (const { text, searchPath } of statements) {
    const path = `${copy.schema}, ${searchPath ?? 'public'}`
    await client.rows('savepoint statement')
    const plan = await explain(
      client,
      text.replaceAll(fullName, () => copy.name),
      path,
    ).catch(() => null)
    // Also when all went well: it gives back the locks on the tables that the statement names.
    await client.rows('rollback to savepoint statement')
    plans.push(plan)
  }
  return plans
}

const uses = (plan: PlanNode, index: string) =>
  [...nodesOf(plan)].some((node) => node['Index Name'] === index)

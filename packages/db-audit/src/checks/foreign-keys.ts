import type { ForeignKeyFacts, UncheckedFacts } from '../facts/constraints.ts'
import type { Facts } from '../facts/facts.ts'
import type { IndexFacts } from '../facts/indexes.ts'
import { nameOf } from '../facts/tables.ts'
import type { Finding } from '../finding.ts'
import { conjuncts } from '../plans/conditions.ts'
import { isLarge } from '../plans/table-lookup.ts'
import { times } from '../report/figures.ts'
import type { TriedIndex } from '../scratch/try-indexes.ts'
import { quoteName, shortSql, sqlName } from '../sql-text.ts'
import { indexMigration, takenNames, toMigrate } from './index-migration.ts'

/** Foreign keys that cost more than they need to, and what holds less than it says. */
export function foreignKeyFindings(facts: Facts): Finding[] {
  const tables = new Map(facts.tables.map((table) => [table.oid, table]))
  const deletes = new Map(facts.tables.map((table) => [nameOf(table), table.deletes]))
  const takenIn = takenNames([...facts.tables, ...facts.indexes, ...facts.sequences])
  const found: Finding[] = []
  for (const key of facts.foreignKeys) {
    const table = tables.get(key.tableOid)
    const deleted = deletes.get(key.referenced) ?? 0
    if (
      table &&
      isLarge(table) &&
      !isExempt(key, deleted) &&
      !facts.indexes.some((index) => serves(index, key))
    )
      found.push(withoutIndex(key, table.rows, deleted, takenIn(key.schema)))
    if (!key.isValidated) found.push(notValidated(key))
    if (key.types.some((type, at) => comparedAs(type) !== comparedAs(key.referencedTypes[at])))
      found.push(otherType(key))
  }
  return [...found, ...twice(facts.foreignKeys), ...facts.unchecked.map(unchecked)]
}

const objectOf = ({ schema, table, name }: ForeignKeyFacts) => `${schema}.${table}.${name}`
const tableOf = ({ schema, table }: ForeignKeyFacts) => sqlName({ schema, name: table })
const asText = ({ table, columns, referenced, referencedColumns }: ForeignKeyFacts) =>
  `${table} (${columns.join(', ')}) references ${referenced} (${referencedColumns.join(', ')})`

function unchecked({ schema, table, name, definition }: UncheckedFacts): Finding {
  return {
    id: 'constraint.not-validated',
    severity: 'warning',
    title: 'a constraint was never checked against the rows that were there',
    object: `${schema}.${table}.${name}`,
    detail: `${shortSql(definition)}: older rows may break it, and the planner can't rely on it.`,
    advice: `alter table ${sqlName({ schema, name: table })} validate constraint ${quoteName(name)}`,
    evidence: { definition: shortSql(definition) },
  }
}

/** In whatever order, its columns must be the index's first ones. */
function serves(index: IndexFacts, { tableOid, columns }: ForeignKeyFacts): boolean {
  if (index.tableOid !== tableOid || !index.isValid) return false
  // A key that holds a null references nothing: an index without those serves all the same.
  const notNull = columns.map((column) => `${quoteName(column)} IS NOT NULL`)
  if (index.predicate !== null && !conjuncts(index.predicate).every((part) => notNull.includes(part)))
    return false
  const first = /^(btree|hash)$/.test(index.method) ? index.columns.slice(0, columns.length) : []
  return columns.every((column) => first.includes(column))
}

/** Its owner has said why it needs none, in a comment on it; that holds until a row is deleted all the same. */
const isExempt = ({ comment }: ForeignKeyFacts, deletes: number) =>
  deletes === 0 && /^audit-ignore foreign-key\.no-index: \S/m.test(comment ?? '')

/** Whether an index that was tried, and is proposed, is enough for a foreign key without one. */
export function isServedBy(tried: readonly Pick<TriedIndex, 'table' | 'keys'>[], finding: Finding): boolean {
  if (finding.id !== 'foreign-key.no-index') return false
  const columns = String(finding.evidence.columns).split(', ').map(quoteName)
  return tried.some(({ table, keys }) => {
    const first = keys.slice(0, columns.length).map((key) => key.replace(/ DESC$/, ''))
    return finding.object.startsWith(`${nameOf(table)}.`) && columns.every((column) => first.includes(column))
  })
}

/** Who joins by it is told by `index.missing`: what is left are deletes, which some tables never see. */
function withoutIndex(key: ForeignKeyFacts, rows: number, deletes: number, taken: Set<string>): Finding {
  const columns = key.columns.map(quoteName)
  const why = `comment on constraint ${quoteName(key.name)} on ${tableOf(key)} is 'audit-ignore foreign-key.no-index: ...'`
  return {
    id: 'foreign-key.no-index',
    severity: deletes > 0 ? 'warning' : 'info',
    title: 'a foreign key has no index',
    object: objectOf(key),
    detail: `${asText(key)}: each delete of a row there reads all of ${key.table}; ${deletes === 0 ? 'none was deleted' : `${times(deletes)} one was deleted`} since the statistics began.`,
    advice:
      deletes > 0
        ? toMigrate
        : `if rows are ever deleted there: ${toMigrate}; else say why they are not: ${why}`,
    evidence: { rows, deletes, columns: key.columns.join(', '), references: key.referenced },
    migration: indexMigration(
      { schema: key.schema, name: key.table },
      columns,
      `What is deleted of ${key.referenced} is looked for here.`,
      taken,
    ),
  }
}

/** PostgreSQL compares `varchar` as the text that it is. */
const comparedAs = (type: string | undefined) => (type === 'character varying' ? 'text' : type)

function notValidated(key: ForeignKeyFacts): Finding {
  return {
    id: 'foreign-key.not-validated',
    severity: 'warning',
    title: 'a foreign key was never checked against the rows that were there',
    object: objectOf(key),
    detail: `${asText(key)}, not valid: older rows may point nowhere, and the planner can't rely on it.`,
    advice: `alter table ${tableOf(key)} validate constraint ${quoteName(key.name)}`,
    evidence: { references: key.referenced },
  }
}

function otherType(key: ForeignKeyFacts): Finding {
  const types = key.types.join(', ')
  const others = key.referencedTypes.join(', ')
  return {
    id: 'foreign-key.other-type',
    severity: 'warning',
    title: 'a foreign key has another type than what it references',
    object: objectOf(key),
    detail: `${asText(key)}: ${types} there, ${others} here. Every check and join casts, and the smaller type ends first.`,
    advice: `give ${tableOf(key)} (${key.columns.map(quoteName).join(', ')}) the type ${others}`,
    evidence: { types, referenced_types: others },
  }
}

function twice(keys: readonly ForeignKeyFacts[]): Finding[] {
  const seen = new Map<string, ForeignKeyFacts>()
  return keys.flatMap((key) => {
    const what = JSON.stringify([key.tableOid, key.columns, key.referenced, key.referencedColumns])
    const first = seen.get(what)
    seen.set(what, first ?? key)
    if (first === undefined) return []
    return [
      {
        id: 'foreign-key.duplicate',
        severity: 'warning',
        title: 'a foreign key is there twice',
        object: objectOf(key),
        detail: `${asText(key)}, and so does ${first.name}: each write is checked twice.`,
        advice: `alter table ${tableOf(key)} drop constraint ${quoteName(key.name)}`,
        evidence: { same_as: first.name },
      },
    ]
  })
}

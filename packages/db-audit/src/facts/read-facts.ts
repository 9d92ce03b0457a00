import { type AuditClient, requireSources } from '../audit-client.ts'
import { AuditError } from '../audit-error.ts'
import type { Baseline } from '../baseline.ts'
import type { LogFacts } from '../log/log-facts.ts'
import { readLog } from '../log/read-log.ts'
import { type ExplainedStatement, explainStatements } from '../plans/explained.ts'
import { planShape } from '../plans/plan.ts'
import { shapeOf, shortSql } from '../sql-text.ts'
import { thresholds } from '../thresholds.ts'
import { readActivity } from './activity.ts'
import { readForeignKeys, readUnchecked } from './constraints.ts'
import type { Facts } from './facts.ts'
import { readIndexes } from './indexes.ts'
import { createLockWatch, isLockTimeout, type LockWatch } from './lock-watch.ts'
import { readPartitioned } from './partitions.ts'
import { readNumberedKeys, readSequences } from './sequences.ts'
import { readStatements, type StatementFacts } from './statements.ts'
import { readStatistics } from './statistics.ts'
import { readTables } from './tables.ts'
import { readViews } from './views.ts'

/** Reads all that the checks judge by, one thing after the other on one connection: an audit must not be the load. */
export async function readFacts(
  client: AuditClient,
  {
    log: file,
    logSeconds,
    baseline,
  }: { log: string | undefined; logSeconds: number; baseline: Baseline | null },
): Promise<Facts> {
  const schema = await requireSources(client)
  const [known] = await client.rows<{
    database: string
    at: Date
    databases: string[]
    zoneSeconds: number
  }>(`
    select current_database() as database, clock_timestamp() as at, array(select datname::text from pg_database) as databases,
      extract(epoch from now() at time zone current_setting('log_timezone') - now() at time zone 'UTC')::float8 as "zoneSeconds"`)
  const { databases, zoneSeconds, ...here } = known!
  if (baseline !== null && baseline.database !== here.database) {
    throw new AuditError(
      'BASELINE_INVALID',
      `the baseline is one of the database ${shortSql(baseline.database)}, and this one is ${shortSql(here.database)}: save one of it with --save-baseline`,
    )
  }
  const since = new Date(Math.max(0, here.at.getTime() - logSeconds * 1_000))
  const view = { database: here.database, databases, zoneSeconds, since }
  const log = file === undefined ? null : await readLog(file, view)
  // First, for it is what passes.
  const activity = await readActivity(client)
  const statements = await readStatements(client, schema)
  const statistics = await readStatistics(client, schema)
  const watch = createLockWatch(client)
  const objects = await readObjects(client, watch)
  // Last: it sets the search path.
  const { explained, notExplained } = await explainStatements(client, statements, watch)
  const plans = [...explained, ...loggedPlans(log, statements)]
  const { leftOut } = watch
  return {
    ...here,
    ...activity,
    ...objects,
    statements,
    statistics,
    plans,
    notExplained,
    leftOut,
    log,
    baseline,
  }
}

type Objects = Pick<
  Facts,
  | 'tables'
  | 'indexes'
  | 'foreignKeys'
  | 'unchecked'
  | 'partitioned'
  | 'views'
  | 'sequences'
  | 'numberedKeys'
  | 'unread'
>

/** All of them or none: a foreign key, say, would lack the index that could not be read. */
async function readObjects(client: AuditClient, watch: LockWatch): Promise<Objects> {
  const read = <Row>(reader: (client: AuditClient, leftOut: readonly number[]) => Promise<Row[]>) =>
    watch.read((leftOut) => reader(client, leftOut))
  try {
    const [tables, indexes, foreignKeys] = [
      await read(readTables),
      await read(readIndexes),
      await read(readForeignKeys),
    ]
    const others = {
      unchecked: await read(readUnchecked),
      partitioned: await read(readPartitioned),
      views: await read(readViews),
      sequences: await read(readSequences),
      numberedKeys: await read(readNumberedKeys),
    }
    // What was locked only later is half known, and judged by nobody.
    const locked = new Set(watch.leftOut.map(({ oid }) => oid))
    return {
      ...others,
      tables: tables.filter(({ oid }) => !locked.has(oid)),
      indexes: indexes.filter(({ tableOid }) => !locked.has(tableOid)),
      foreignKeys: foreignKeys.filter(({ tableOid }) => !locked.has(tableOid)),
      unread: null,
    }
  } catch (error) {
    if (!isLockTimeout(error)) throw error
    const unread = (error as Error).message
    const objects = { tables: [], indexes: [], foreignKeys: [], unchecked: [], partitioned: [] }
    return { ...objects, views: [], sequences: [], numberedKeys: [], unread }
  }
}

/** Each plan of each statement once, of those that came by regularly. */
function loggedPlans(log: LogFacts | null, known: readonly StatementFacts[]): ExplainedStatement[] {
  const planned = (log?.statements ?? []).flatMap(({ plan, ...rest }) => (plan ? [{ ...rest, plan }] : []))
  const groups = Map.groupBy(planned, ({ sql, plan }) => `${shapeOf(sql)} ${planShape(plan)}`)
  return [...groups.values()]
    .filter((group) => group.length >= thresholds.slowTimes)
    .map((group) => {
      const { sql, tags, role, plan } = group[0]!
      const searchPath = known.find((statement) => statement.role === role)?.searchPath ?? role
      return {
        sql,
        text: sql,
        tags,
        role,
        plan,
        searchPath,
        calls: group.length,
        blocksPerCall: null,
        rowsPerCall: null,
        source: 'log',
      }
    })
}

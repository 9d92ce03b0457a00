import pg from 'pg'

/**
 * What PostgreSQL would write into its log: the same messages, sent to the client, and set as the server sets them.
 */
export async function plantedLog(adminUrl: string): Promise<string[]> {
  const database = new URL(adminUrl).pathname.slice(1)
  const client = new pg.Client({ connectionString: adminUrl })
  await client.connect()
  const lines: string[] = []
  client.on('notice', ({ severity, message }) => {
    const text = `${severity}:  ${message}`.replaceAll('\n', '\n\t')
    lines.push(...`${now()} [4711] planted@${database} planted ${text}`.split('\n'))
  })
  const run = async (text: string, values: unknown[], times: number) => {
    for (let time = 0; time < times; time++) await client.query(text, values)
  }
  try {
    await client.query('set search_path = planted, extensions')
    await client.query('set client_min_messages = log')
    await client.query('set log_min_duration_statement = 0')
    await run(`select note from carts where id = $1 ${tags('Cart.items', 'CartsPage', 'a')}`, [5], 12)
    await run('select id from carts where pg_sleep(0.26) is not null limit 1', [], 3)
    await client.query('set log_min_duration_statement = -1')
    await client.query(`set auto_explain.log_format = 'json'`)
    await client.query('set auto_explain.log_min_duration = 0')
    await run(`select name from labels where id = $1 ${tags('Label.uses', 'LabelsPage', 'b')}`, [5], 12)
    await run(`select id from shipments where tracking = 'T7'`, [], 3)
    await run('select id as numeric_code from orders where code = 5.0', [], 3)
  } finally {
    await client.end()
  }
  return [...lines, ...trouble(database)]
}

const tags = (field: string, operation: string, digit: string) =>
  `/*field='${field}',operation='${operation}',service='planted',traceparent='00-${digit.repeat(32)}-${digit.repeat(16)}-01'*/`

/** As `%m` has it: what is older than an hour does not count. */
const now = () => new Date().toISOString().replace('T', ' ').replace('Z', ' UTC')

/** What it tells its log alone, the one time as `stderr`, the other as `jsonlog` has it. */
function trouble(database: string): string[] {
  const prefix = `${now()} [4712] planted@${database} planted`
  const entry = { user: 'planted', dbname: database, pid: 4713, error_severity: 'ERROR' }
  return [
    `${prefix} LOG:  process 4712 still waiting for ShareLock on transaction 812 after 1000.081 ms`,
    `${prefix} DETAIL:  Process holding the lock: 4711. Wait queue: 4712.`,
    `${prefix} STATEMENT:  update carts set note = $1`,
    `\t  where id = $2`,
    JSON.stringify({ ...entry, message: 'deadlock detected', statement: 'update labels set color = $1' }),
    JSON.stringify({
      ...entry,
      message: 'canceling statement due to statement timeout',
      statement: 'select sum(total) from orders',
    }),
    JSON.stringify({ ...entry, dbname: 'elsewhere', message: 'deadlock detected', statement: 'of others' }),
  ]
}

import type { Database } from './database.ts'

const transactionControl = /^(begin|start transaction|commit|rollback|savepoint|release)\b/i

/**
 * For tests: runs `work` and tells which SQL it sent through `database.db`, in order. Counted is every statement
 * but transaction control (BEGIN, COMMIT, SAVEPOINT ...); what goes through `database.pool` directly is not. A
 * statement that something else sends through the same handle meanwhile is counted too: stop relays and consumers.
 */
export async function countStatements<DB, Result>(
  database: Pick<Database<DB>, 'onStatement'>,
  work: () => Promise<Result>,
): Promise<{ result: Result; statements: string[] }> {
  const statements: string[] = []
  const stop = database.onStatement((sql) => {
    if (!transactionControl.test(sql)) statements.push(sql)
  })
  try {
    return { result: await work(), statements }
  } finally {
    stop()
  }
}

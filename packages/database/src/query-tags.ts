import { AsyncLocalStorage } from 'node:async_hooks'
import { sampledTraceparent } from '@freshet/telemetry'

/** Who in the graph sends a statement. */
export interface QueryTags {
  /** The client's operation (`ProductPage`), or what a job or a consumer calls its work. */
  readonly operation?: string | undefined
  /** The field whose resolver asked (`Product.related`); of a batch, the one that asked first. */
  readonly field?: string | undefined
}

const works = new AsyncLocalStorage<QueryTags>()

/**
 * Names what runs outside of any GraphQL operation, a job or a consumer, in the comments of its statements.
 *
 * @example
 * await asOperation('refresh trending', () => repository.refresh(list))
 */
export function asOperation<Result>(operation: string, work: () => Result): Result {
  return works.run({ operation }, work)
}

/**
 * Gives each statement a comment that says whose it is, so that `pg_stat_statements`, the slow log and a plan in the log
 * lead back to a field and a trace. Costs a read of the context and the making of a short text; the trace is named
 * where it is sampled, for only then it can be found.
 *
 * A statement that has a comment keeps it and gets none: two could not be told apart.
 *
 * @see https://google.github.io/sqlcommenter/spec/ keys are sorted, values URL-encoded
 */
export function createTagging(service: string, current: () => QueryTags | undefined) {
  const own = pair('service', service)
  return (sql: string): string => {
    if (sql.includes('/*')) return sql
    const { field, operation } = current() ?? works.getStore() ?? {}
    let comment = ''
    if (field !== undefined) comment += `${pair('field', field)},`
    if (operation !== undefined) comment += `${pair('operation', operation)},`
    comment += own
    const traceparent = sampledTraceparent()
    if (traceparent !== undefined) comment += `,${pair('traceparent', traceparent)}`
    return `${sql} /*${comment}*/`
  }
}

/** Names come from clients: what is longer tells nobody more, and the log keeps it for every statement. */
const longestValue = 100
const plain = /^[\w.-]*$/

function pair(key: string, value: string): string {
  return `${key}='${plain.test(value) ? value.slice(0, longestValue) : encoded(value)}'`
}

/**
 * No character that could end the text or the comment is left: `encodeURIComponent` leaves quote and star as they are,
 * and throws for half a surrogate pair.
 */
function encoded(value: string): string {
  return encodeURIComponent(value.slice(0, longestValue).toWellFormed()).replaceAll(
    /[!'()*]/g,
    (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`,
  )
}

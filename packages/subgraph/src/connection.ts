import type { KeysetPage, KeysetPageInfo } from '@freshet/database'

/** A row and its cursor. */
export interface Edge<Row> {
  node: Row
  cursor: string
}

/** A page as Relay's connections show it; a type's own fields (`totalCount`) come beside these. */
export interface Connection<Row> {
  edges: Edge<Row>[]
  nodes: Row[]
  pageInfo: KeysetPageInfo
}

/** What a connection's default resolvers read, of a page from `keysetPage`. */
export function toConnection<Row>({ rows, cursors, pageInfo }: KeysetPage<Row>): Connection<Row> {
  const edges = rows.map((node, index) => ({ node, cursor: cursors[index]! }))
  return { edges, nodes: rows, pageInfo }
}

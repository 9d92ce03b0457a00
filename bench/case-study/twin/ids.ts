import { GraphQLError } from 'graphql'

/** The same ids as Freshet's: who moves from one to the other keeps its bookmarks. */
export const encodeId = (type: string, id: string): string =>
  Buffer.from(`${type}:${id}`).toString('base64url')

/** @throws GraphQLError when it is not an id of that type */
export function decodeId(type: string, id: string): string {
  const [name, raw = ''] = Buffer.from(id, 'base64url').toString().split(':')
  if (name === type && /^\d+$/.test(raw)) return raw
  throw new GraphQLError(`${id} is not the id of a ${type}`)
}

const OFFSET = /^offset:(\d+)$/

/** How many rows stand before the next page. */
export const encodeCursor = (offset: number): string => Buffer.from(`offset:${offset}`).toString('base64url')

export function decodeCursor(cursor: string): number {
  const [, offset] = OFFSET.exec(Buffer.from(cursor, 'base64url').toString()) ?? []
  if (offset === undefined) throw new GraphQLError(`${cursor} is not a cursor`)
  return Number(offset)
}

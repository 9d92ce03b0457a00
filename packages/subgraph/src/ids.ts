import { badUserInput } from './errors.ts'

/** What the databases count: positive, without leading zeros, and safely within a bigint. */
const rawId = /^[1-9]\d{0,17}$/

/** A row's id as clients know it: opaque, and the same in every service. `encodeId('Product', '123')` */
export function encodeId(type: string, id: string): string {
  return Buffer.from(`${type}:${id}`).toString('base64url')
}

/**
 * The row's id in an id that a client sent. Whether there is such a row is another question.
 * @param argument the name of the argument that it came by, for the error
 * @throws GraphQLError `BAD_USER_INPUT` for anything that {@link encodeId} does not make for this type
 */
export function decodeId(type: string, id: unknown, argument = 'id'): string {
  if (typeof id === 'string' && id.length <= 100) {
    const [name, raw = ''] = Buffer.from(id, 'base64url').toString().split(':', 2)
    if (name === type && rawId.test(raw) && encodeId(type, raw) === id) return raw
  }
  throw badUserInput(argument, `\`${argument}\` is not the id of a ${type}`)
}

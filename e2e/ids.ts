/** An id as clients see it. Written out here, for scenarios must not lean on the code that they check. */
export const encodeGlobalId = (type: string, id: number | string): string =>
  Buffer.from(`${type}:${id}`).toString('base64url')

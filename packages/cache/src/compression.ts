import { constants } from 'node:buffer'
import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Codec } from './entry-layout.ts'

/**
 * From about here on a hit costs no more CPU compressed than not: what it takes to inflate it is what Redis, the socket and
 * ioredis take to carry the rest. And it takes a quarter of the memory. `npm run bench cache-compression` measures it.
 */
export const COMPRESS_FROM_BYTES = 8_192
/** Less is not worth inflating. */
const LEAST_SAVING = 0.1
/** JSON mostly inflates to less than so many times its length, and then it takes one buffer: a third less CPU than with Node's 16 KiB each. */
const USUAL_FACTOR = 5

/**
 * A text as an entry holds it: deflated if it is long, and shrinks.
 *
 * Of what Node brings, raw deflate is inflated fastest (JSON of this repository, 35 kB: 59 µs; zstd 86, brotli 92), and entries are
 * read more often than written. Its first level is three times faster than the sixth, and only a tenth longer.
 */
export function compress(text: string, fromBytes: number): { payload: string | Buffer; codec: Codec } {
  // A character is a byte at least.
  if (text.length * 3 < fromBytes) return { payload: text, codec: 't' }
  const bytes = Buffer.from(text)
  if (bytes.length < fromBytes) return { payload: bytes, codec: 't' }
  const payload = deflateRawSync(bytes, { level: 1 })
  return payload.length <= bytes.length * (1 - LEAST_SAVING)
    ? { payload, codec: 'z' }
    : { payload: bytes, codec: 't' }
}

/** @throws when it is not what {@link compress} made, or longer than `maxBytes` */
export function decompress(payload: Buffer, codec: Codec, maxBytes: number): string {
  if (codec === 't') return payload.toString()
  return inflateRawSync(payload, {
    chunkSize: Math.max(1_024, payload.length * USUAL_FACTOR),
    maxOutputLength: Math.min(maxBytes, constants.MAX_LENGTH),
  }).toString()
}

/**
 * Reads Protocol Buffers' wire format: just enough for OTLP, which saves a schema compiler and its
 * generated code. Unknown fields are passed to the caller, who skips them.
 * @see https://protobuf.dev/programming-guides/encoding/
 */
export interface Field {
  readonly number: number
  /** Set for varints (wire type 0) and fixed 32/64 bits (types 5 and 1). */
  readonly integer: bigint
  /** Set for length-delimited fields (wire type 2): bytes, text or a message. */
  readonly bytes: Buffer
}

/** The bytes are not Protocol Buffers, or end too early. */
class WireError extends Error {
  override readonly name = 'WireError'
  readonly code = 'WIRE_MALFORMED'
}

const NO_BYTES = Buffer.alloc(0)

/** Iterates over the fields of one message. Throws {@link WireError} where it is cut short. */
export function* fields(message: Buffer): Generator<Field> {
  let at = 0
  function take(length: number): Buffer {
    if (at + length > message.length) throw new WireError('The message ends within a field.')
    at += length
    return message.subarray(at - length, at)
  }
  function varint(): bigint {
    let value = 0n
    for (let shift = 0n; shift < 70n; shift += 7n) {
      const byte = take(1)[0]!
      value |= BigInt(byte & 0x7f) << shift
      if (byte < 0x80) return BigInt.asUintN(64, value)
    }
    throw new WireError('A number is longer than 64 bits.')
  }
  while (at < message.length) {
    const tag = Number(varint())
    const number = Math.floor(tag / 8)
    switch (tag % 8) {
      case 0:
        yield { number, integer: varint(), bytes: NO_BYTES }
        break
      case 1:
        yield { number, integer: take(8).readBigUInt64LE(), bytes: NO_BYTES }
        break
      case 2:
        yield { number, integer: 0n, bytes: take(Number(varint())) }
        break
      case 5:
        yield { number, integer: BigInt(take(4).readUInt32LE()), bytes: NO_BYTES }
        break
      default:
        throw new WireError(`Wire type ${tag % 8} is not known.`)
    }
  }
}

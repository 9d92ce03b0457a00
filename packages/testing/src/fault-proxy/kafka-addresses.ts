/** Changes bytes on their way; may keep some until the rest of a message has arrived. */
export interface ByteFilter {
  readonly toTarget: (chunk: Buffer) => Buffer
  readonly fromTarget: (chunk: Buffer) => Buffer
}

/** Requests whose answers name brokers: Metadata, FindCoordinator, DescribeCluster. */
const ASKING_FOR_ADDRESSES = new Set([3, 10, 60])

/**
 * A Kafka client asks any broker where all of them are and then connects there, past every proxy. So the proxy's port is
 * written over the broker's in those answers (a port is an int32 after the host's name, in every version of them).
 *
 * @see https://kafka.apache.org/protocol#protocol_messages for the frames: size, then (in requests) API key, version,
 *   correlation id, and (in answers) the correlation id.
 */
export function kafkaAddresses(addresses: {
  host: string
  brokerPort: number
  proxyPort: number
}): ByteFilter {
  const asked = new Set<number>()
  const requests = createFrames()
  const answers = createFrames()
  const [broker, proxy] = [addresses.brokerPort, addresses.proxyPort].map((port) => {
    const number = Buffer.alloc(4)
    number.writeInt32BE(port)
    return Buffer.concat([Buffer.from(addresses.host), number])
  }) as [Buffer, Buffer]

  return {
    toTarget(chunk) {
      return Buffer.concat(
        requests(chunk).map((frame) => {
          if (ASKING_FOR_ADDRESSES.has(frame.readInt16BE(4))) asked.add(frame.readInt32BE(8))
          return frame
        }),
      )
    },
    fromTarget(chunk) {
      return Buffer.concat(
        answers(chunk).map((frame) =>
          asked.delete(frame.readInt32BE(4)) ? replace(frame, broker, proxy) : frame,
        ),
      )
    },
  }
}

function replace(frame: Buffer, from: Buffer, to: Buffer): Buffer {
  const copy = Buffer.from(frame)
  for (let at = copy.indexOf(from); at !== -1; at = copy.indexOf(from, at + from.length)) to.copy(copy, at)
  return copy
}

/** Whole frames, with their size in front, as they become complete. */
function createFrames(): (chunk: Buffer) => Buffer[] {
  let rest: Buffer = Buffer.alloc(0)
  return (chunk) => {
    rest = rest.length === 0 ? chunk : Buffer.concat([rest, chunk])
    const frames: Buffer[] = []
    while (rest.length >= 4 && rest.length >= 4 + rest.readInt32BE(0)) {
      const end = 4 + rest.readInt32BE(0)
      frames.push(rest.subarray(0, end))
      rest = rest.subarray(end)
    }
    return frames
  }
}

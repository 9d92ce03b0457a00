import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { type ByteFilter, kafkaAddresses } from './kafka-addresses.ts'
import { createNetwork, type Direction, type NetworkFault } from './network.ts'

/** Options of {@link startFaultProxy}. */
export interface FaultProxyOptions {
  /** Where connections lead to: `127.0.0.1:6379`, or a URL with a port, such as Redis'. */
  target: string
  /** `kafka`: brokers' addresses in its answers are replaced by the proxy's. Needs a single broker. Default `tcp`. */
  protocol?: 'tcp' | 'kafka'
}

/** What has gone through a proxy. */
export interface FaultProxyCounts {
  /** Accepted so far, those that were reset at once included. */
  connections: number
  /** Still there. */
  open: number
  /** Delivered, not merely received. */
  bytesToTarget: number
  bytesFromTarget: number
}

/** A TCP proxy that misbehaves on request. */
export interface FaultProxy {
  /** `127.0.0.1:<port>`: for Kafka's lists of brokers. */
  readonly address: string
  readonly port: number
  /** The target's URL (password, database and all) with the proxy's host and port. */
  urlOf(targetUrl: string): string
  fault(): NetworkFault
  /** Changes the network's behaviour, for open connections too. */
  set(fault: NetworkFault): void
  counts(): FaultProxyCounts
  /** Resets every connection, and stops. */
  close(): Promise<void>
}

/**
 * Starts a proxy on a free port of 127.0.0.1, to be put between a service and what it depends on.
 *
 * @example
 * const redis = await startFaultProxy({ target: parts().redisUrl })
 * const cache = new Redis(redis.urlOf(parts().redisUrl))
 * redis.set('black-hole')
 * redis.set({ delayMs: 20 })
 * redis.set('pass')
 */
export async function startFaultProxy(options: FaultProxyOptions): Promise<FaultProxy> {
  const target = addressOf(options.target)
  const network = createNetwork()
  const sockets = new Set<Socket>()
  const counts = { connections: 0, bytesToTarget: 0, bytesFromTarget: 0 }

  const server = createServer({ allowHalfOpen: true, noDelay: true }, (client) => {
    counts.connections++
    client.on('error', () => undefined)
    if (network.fault() === 'cut') return client.resetAndDestroy()
    const upstream = connect({ ...target, allowHalfOpen: true, noDelay: true })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      // How a connection ends is told to the other side, below; there is nobody else to tell.
      socket.on('error', () => undefined)
      socket.once('close', () => sockets.delete(socket))
    }
    const filter = options.protocol === 'kafka' ? kafkaFilter() : undefined
    void relay(client, upstream, 'to-target', filter?.toTarget)
    void relay(upstream, client, 'from-target', filter?.fromTarget)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  /** Passes on what one side says, its end and its failure, in order and at the network's pace. */
  async function relay(from: Socket, to: Socket, direction: Direction, filter = (chunk: Buffer) => chunk) {
    const gone = new AbortController()
    to.once('close', () => gone.abort())
    let failed = false
    try {
      // The other direction may go on when this one has ended: so the iterator leaves the socket open.
      for await (const received of from.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
        const chunk = filter(received)
        if (chunk.length === 0) continue
        await network.travel(direction, chunk.length)
        if (to.destroyed) break
        if (!to.write(chunk)) await once(to, 'drain', { signal: gone.signal })
        counts[direction === 'to-target' ? 'bytesToTarget' : 'bytesFromTarget'] += chunk.length
      }
    } catch {
      failed = true
    }
    await network.travel(direction, 0)
    if (failed || to.destroyed) {
      from.destroy()
      to.resetAndDestroy()
    } else to.end()
  }

  function kafkaFilter(): ByteFilter {
    return kafkaAddresses({ host: target.host, brokerPort: target.port, proxyPort: port })
  }
  function resetAll(): void {
    for (const socket of sockets) socket.resetAndDestroy()
  }

  return {
    address: `127.0.0.1:${port}`,
    port,
    urlOf(targetUrl) {
      const url = new URL(targetUrl)
      url.hostname = '127.0.0.1'
      url.port = String(port)
      return url.href
    },
    fault: network.fault,
    set(fault) {
      // Before what is held back may go on.
      if (fault === 'cut') resetAll()
      network.set(fault)
    },
    counts: () => ({ ...counts, open: server.listening ? openClients(sockets, port) : 0 }),
    async close() {
      resetAll()
      network.set('pass')
      server.close()
      await once(server, 'close')
    },
  }
}

const openClients = (sockets: ReadonlySet<Socket>, port: number) =>
  [...sockets].filter((socket) => socket.localPort === port && !socket.destroyed).length

function addressOf(target: string): { host: string; port: number } {
  const { hostname, port } = new URL(target.includes('://') ? target : `tcp://${target}`)
  if (hostname === '' || port === '') throw new TypeError(`A target is host:port, or a URL with a port`)
  return { host: hostname, port: Number(port) }
}

import { once } from 'node:events'
import net from 'node:net'
import type { ISocketFactory } from 'kafkajs'

/** How the network behaves: `mute` lets requests through and loses the answers; `closed` refuses. */
export type NetworkMode = 'open' | 'mute' | 'closed'

/** A TCP proxy before one broker, and the socket factory that leads kafkajs through it, whatever address it was told. */
export async function createFaultProxy(broker: string) {
  const [host = '', port = ''] = broker.split(':')
  let mode: NetworkMode = 'open'
  const sockets = new Set<net.Socket>()
  const server = net.createServer((client) => {
    if (mode === 'closed') return client.destroy()
    const upstream = net.connect({ host, port: Number(port) })
    for (const socket of [client, upstream]) {
      sockets.add(socket)
      socket.on('error', () => {})
      socket.on('close', () => {
        sockets.delete(socket)
        client.destroy()
        upstream.destroy()
      })
    }
    client.pipe(upstream)
    upstream.on('data', (bytes) => mode === 'open' && client.write(bytes))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port: proxyPort } = server.address() as net.AddressInfo
  const socketFactory: ISocketFactory = ({ onConnect }) =>
    net.connect({ host: '127.0.0.1', port: proxyPort }, onConnect)

  return {
    socketFactory,
    set(next: NetworkMode) {
      mode = next
    },
    /** Ends every connection. */
    cut() {
      for (const socket of sockets) socket.destroy()
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

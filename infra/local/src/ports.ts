import { connect, createServer } from 'node:net'

/**
 * The preferred port of 127.0.0.1 if nobody has it, else one a step further on, else whatever the system gives.
 * Somebody can take it before it is used: the caller must be ready to ask again.
 */
export async function freePort(
  preferred: number | null,
  avoid: ReadonlySet<number> = new Set(),
): Promise<number> {
  for (let step = 0; preferred !== null && step < 20; step++) {
    const port = preferred + step * 100
    if (port < 65_536 && !avoid.has(port) && (await isFree(port))) return port
  }
  for (;;) {
    const port = await bind(0)
    if (port !== null && !avoid.has(port)) return port
  }
}

/** Bound nowhere and answered by nobody. (A bind alone succeeds on some systems beside a listener on 0.0.0.0.) */
export async function isFree(port: number): Promise<boolean> {
  return (await bind(port)) !== null && !(await answers('127.0.0.1', port))
}

/** Whether something accepts connections there. */
export function answers(host: string, port: number, timeoutMs = 2_000): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect({ host, port, timeout: timeoutMs })
    const finish = (result: boolean) => {
      socket.destroy()
      resolve(result)
    }
    socket.once('connect', () => finish(true))
    socket.once('timeout', () => finish(false))
    socket.once('error', () => finish(false))
  })
}

function bind(port: number): Promise<number | null> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(null))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => {
      const address = server.address()
      server.close(() => resolve(address !== null && typeof address === 'object' ? address.port : null))
    })
  })
}

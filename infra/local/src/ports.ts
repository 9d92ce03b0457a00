import { connect, createServer } from 'node:net'

/**
 * Below those that a system gives to connections unless it is told otherwise, for a connection may be given one before its
 * program listens there, and above those that programs are known by.
 */
const QUIET = { first: 20_000, last: 32_767 }
/** From a place of this process's own, so that two do not choose alike, and each port once. */
let quiet = Math.floor(Math.random() * (QUIET.last - QUIET.first))

/**
 * The preferred port of 127.0.0.1 if nobody has it, else one a step further on, else one that no connection is given by chance.
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
    quiet = (quiet + 1) % (QUIET.last - QUIET.first + 1)
    const port = QUIET.first + quiet
    if (!avoid.has(port) && (await isFree(port))) return port
  }
}

/** Bound nowhere and answered by nobody. (A bind alone succeeds on some systems beside a listener on 0.0.0.0.) */
export async function isFree(port: number): Promise<boolean> {
  return (await canBind(port)) && !(await answers('127.0.0.1', port))
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

function canBind(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', () => resolve(false))
    server.listen({ host: '127.0.0.1', port, exclusive: true }, () => server.close(() => resolve(true)))
  })
}

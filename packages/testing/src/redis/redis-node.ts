import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { freePort } from '@freshet/local'
import { Redis, type RedisOptions } from 'ioredis'
import { eventually } from '../eventually.ts'

/** A redis-server of one test alone, on a port of its own: it may be killed, frozen and started again. */
export interface RedisNode {
  readonly host: string
  readonly port: number
  /** For what a test does to it; closed with it. Its errors are only seen by who sends a command. */
  readonly admin: Redis
  /** Another connection, closed with the node. */
  connect(options?: RedisOptions): Redis
  /** Again, after {@link RedisNode.kill}, on the same port and folder, if it does not run. Resolves when it answers. */
  start(): Promise<void>
  /** SIGKILL; the folder stays. */
  kill(): Promise<void>
  /** It keeps its connections and answers nothing. */
  freeze(): void
  thaw(): void
  close(): Promise<void>
}

const STARTS_WITHIN_MS = 20_000

/** Starts `redis-server` with `args` (a configuration file first, if any) on a free port. */
export async function startRedisNode(...args: string[]): Promise<RedisNode> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-redis-'))
  const host = '127.0.0.1'
  const port = await freePort(null)
  const connections = new Set<Redis>()
  let server: ChildProcess | undefined
  const killNow = () => void server?.kill('SIGKILL')
  process.once('exit', killNow)

  function connect(options: RedisOptions = {}): Redis {
    const redis = new Redis({
      host,
      port,
      retryStrategy: () => 20,
      // ioredis waits so long for a socket that is closed already, when the server was killed.
      disconnectTimeout: 50,
      ...options,
    })
    redis.on('error', () => undefined)
    connections.add(redis)
    return redis
  }

  const runs = () => server !== undefined && server.exitCode === null && server.signalCode === null

  async function start(): Promise<void> {
    if (runs()) return
    const own = ['--bind', host, '--port', `${port}`, '--dir', folder, '--save', '', '--loglevel', 'warning']
    server = spawn('redis-server', [...args, ...own], { stdio: 'ignore' })
    let failure: unknown
    server.once('error', (error) => {
      failure = error
    })
    const probe = new Redis({
      host,
      port,
      lazyConnect: true,
      disconnectTimeout: 50,
      retryStrategy: () => null,
    })
    probe.on('error', () => undefined)
    await eventually(
      async () => {
        await probe.connect()
        await probe.ping()
      },
      { timeoutMs: STARTS_WITHIN_MS },
    ).catch((cause: unknown) => {
      throw new Error('redis-server does not start: is it on the PATH?', { cause: failure ?? cause })
    })
    probe.disconnect()
  }

  async function kill(): Promise<void> {
    if (!server || !runs()) return
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }

  await start()
  return {
    host,
    port,
    admin: connect(),
    connect,
    start,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    async close() {
      for (const redis of connections) redis.disconnect()
      await kill()
      process.off('exit', killNow)
      await rm(folder, { recursive: true, force: true })
    },
  }
}

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { Redis, type RedisOptions } from 'ioredis'

/** A redis-server of this test file alone: it may be killed, frozen, flushed and restarted. */
export interface RedisProcess {
  /** A connection that is closed with the server. */
  connect(options?: RedisOptions): Redis
  /** SIGKILL; the data folder stays. */
  kill(): Promise<void>
  start(...args: string[]): Promise<void>
  /** Stops answering, but keeps its connections. */
  freeze(): void
  thaw(): void
  /** Where another server can reach it. */
  readonly socket: string
  close(): Promise<void>
}

export async function startRedis(...args: string[]): Promise<RedisProcess> {
  const folder = await mkdtemp(join(tmpdir(), 'freshet-cache-'))
  const socket = join(folder, 'redis.sock')
  const connections = new Set<Redis>()
  let server: ChildProcess | undefined

  async function start(...more: string[]): Promise<void> {
    const all = [
      '--port',
      '0',
      '--unixsocket',
      socket,
      '--dir',
      folder,
      '--save',
      '',
      '--loglevel',
      'warning',
      ...args,
      ...more,
    ]
    server = spawn('redis-server', all, { stdio: 'ignore' })
    server.once('error', () => undefined)
    const probe = new Redis({ path: socket, lazyConnect: true, retryStrategy: () => null }).on(
      'error',
      () => undefined,
    )
    for (const deadline = Date.now() + 5_000; ; await sleep(10)) {
      try {
        await probe.connect()
        await probe.ping()
        break
      } catch (cause) {
        if (Date.now() > deadline)
          throw new Error('redis-server does not start: is it on the PATH?', { cause })
      }
    }
    probe.disconnect()
  }

  async function kill(): Promise<void> {
    if (!server || server.exitCode !== null || server.signalCode !== null) return
    const gone = once(server, 'exit')
    server.kill('SIGKILL')
    await gone
  }

  await start()
  return {
    socket,
    start,
    kill,
    freeze: () => void server?.kill('SIGSTOP'),
    thaw: () => void server?.kill('SIGCONT'),
    connect(options = {}) {
      const redis = new Redis({
        path: socket,
        retryStrategy: () => 20,
        // ioredis waits so long for a socket that is closed already, when the server was killed.
        disconnectTimeout: 50,
        ...options,
      })
      redis.on('error', () => undefined)
      connections.add(redis)
      return redis
    },
    async close() {
      for (const redis of connections) redis.disconnect()
      await kill()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

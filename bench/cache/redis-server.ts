import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { setTimeout as sleep } from 'node:timers/promises'
import { freePort } from '@freshet/local'
import { Redis } from 'ioredis-6'

/** A redis-server of the bench alone, over TCP like a real one. */
export interface BenchRedis {
  connect(): Redis
  /** What its process has used so far, user and system. */
  cpuUs(): Promise<number>
  close(): Promise<void>
}

export async function startRedis(): Promise<BenchRedis> {
  const port = await freePort(null)
  const server: ChildProcess = spawn(
    'redis-server',
    ['--bind', '127.0.0.1', '--port', String(port), '--save', '', '--loglevel', 'warning'],
    { stdio: 'ignore' },
  )
  server.once('error', (error) => {
    throw new Error('redis-server does not start: is it on the PATH?', { cause: error })
  })
  const connections: Redis[] = []
  const connect = () => {
    const redis = new Redis({ port, maxRetriesPerRequest: null })
    redis.on('error', () => undefined)
    connections.push(redis)
    return redis
  }
  const admin = connect()
  while (admin.status !== 'ready') await sleep(10)
  return {
    connect,
    async cpuUs() {
      const info = await admin.info('cpu')
      const seconds = (name: string) => Number(new RegExp(`^used_cpu_${name}:(.+)$`, 'm').exec(info)![1])
      return (seconds('sys') + seconds('user')) * 1e6
    },
    async close() {
      for (const redis of connections) redis.disconnect()
      const gone = once(server, 'exit')
      server.kill()
      await gone
    },
  }
}

import { parseRedisUrl, type RedisTarget } from '@freshet/config'
import { Redis, type RedisOptions } from 'ioredis'

/**
 * Resolves when the Redis answers (of a cluster: one of the nodes that the URL names), and (when `pid` is given) is the process that
 * was started and not somebody else's on the same port.
 */
export async function pingRedis(
  url: string,
  options: { pid?: number; timeoutMs?: number } = {},
): Promise<void> {
  const target = parseRedisUrl(url)
  const pings = serversOf(target, options.timeoutMs ?? 5_000).map(async (redis) => {
    const info = await ask(redis)
    const pid = Number(/process_id:(\d+)/.exec(info)?.[1])
    if (options.pid !== undefined && pid !== options.pid)
      throw new Error(`another Redis answers (process ${pid})`)
    if (target.kind === 'cluster' && !info.includes('redis_mode:cluster'))
      throw new Error('it is no node of a cluster')
  })
  await Promise.any(pings).catch(({ errors: [reason] }: AggregateError) => {
    throw reason
  })
}

/** One, or some nodes of a cluster; none is connected yet. */
function serversOf(target: RedisTarget, timeoutMs: number): Redis[] {
  const once: RedisOptions = {
    lazyConnect: true,
    connectTimeout: timeoutMs,
    commandTimeout: timeoutMs,
    sentinelCommandTimeout: timeoutMs,
    maxRetriesPerRequest: 0,
    retryStrategy: () => null,
    sentinelRetryStrategy: () => null,
  }
  if (target.kind === 'single') return [new Redis(target.url, once)]
  const known = { ...once, ...target.login, ...(target.tls && { tls: {} }) }
  if (target.kind === 'cluster')
    return target.nodes.map(({ host, port }) => new Redis({ ...known, host, port }))
  const { sentinels, master, sentinelLogin, tls } = target
  return [
    new Redis({
      ...known,
      sentinels: [...sentinels],
      name: master,
      sentinelUsername: sentinelLogin.username,
      sentinelPassword: sentinelLogin.password,
      ...(tls && { sentinelTLS: {}, enableTLSForSentinelMode: true }),
    }),
  ]
}

async function ask(redis: Redis): Promise<string> {
  // ioredis also emits what it rejects with; the rejection below carries the reason.
  let reason: Error | null = null
  redis.on('error', (error: Error) => {
    reason = error
  })
  try {
    await redis.connect()
    return await redis.info('server')
  } catch (error) {
    throw reason ?? error
  } finally {
    // On a client that never connected this only starts a timer, which would keep the process for two seconds.
    if (redis.status !== 'end') redis.disconnect()
  }
}

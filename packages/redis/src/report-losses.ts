import type { Cluster, Redis } from 'ioredis'

/** What is needed of a logger; pino and most others have it. */
export interface RedisLogger {
  info(details: object, message: string): void
  warn(details: object, message: string): void
}

/**
 * Says when a Redis is lost and when it is back, once each: ioredis tells of every try to reconnect, which would be a flood, and
 * prints it raw if nobody listens. In a cluster also for each node.
 */
export function reportLosses(redis: Redis | Cluster, logger: RedisLogger, name: string | undefined): void {
  const lost = new Set<string>()
  function away(node: string, error: unknown): void {
    if (lost.has(node)) return
    lost.add(node)
    logger.warn({ err: error, redis: name, ...(node && { node }) }, 'Redis is away')
  }
  function back(node: string): void {
    if (lost.delete(node)) logger.info({ redis: name, ...(node && { node }) }, 'Redis is back')
  }

  redis.on('error', (error) => away('', error))
  redis.on('ready', () => back(''))
  if (!isCluster(redis)) return
  redis.on('node error', (error, node) => away(node, error))
  // A node that was lost is dropped, and made anew when the cluster names it again.
  redis.on('+node', (node: Redis) =>
    node.on('ready', () => back(`${node.options.host}:${node.options.port}`)),
  )
}

function isCluster(redis: Redis | Cluster): redis is Cluster {
  return redis.isCluster
}

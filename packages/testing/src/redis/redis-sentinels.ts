import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Redis, type RedisOptions } from 'ioredis'
import { eventually } from '../eventually.ts'
import { type RedisNode, startRedisNode } from './redis-node.ts'

/** A master, a replica and the Sentinels that watch over them, of one test alone. */
export interface WatchedRedis {
  /** As REDIS_URL has it. */
  readonly url: string
  readonly master: RedisNode
  readonly replica: RedisNode
  readonly sentinels: readonly RedisNode[]
  /** A client that finds the master by asking the Sentinels; closed with them. */
  connect(options?: RedisOptions): Redis
  /** Resolves when the Sentinels name this node as the master. */
  untilMaster(node: RedisNode): Promise<void>
  readonly close: () => Promise<void>
}

const NAME = 'freshet'
const READY_WITHIN_MS = 60_000

/** After `downAfterMs` without an answer the master counts as down. `redisArgs` go to master and replica. */
export async function startWatchedRedis(
  options: { sentinels?: number; downAfterMs?: number; redisArgs?: readonly string[] } = {},
): Promise<WatchedRedis> {
  const { sentinels: count = 3, downAfterMs = 2_000, redisArgs = [] } = options
  const folder = await mkdtemp(join(tmpdir(), 'freshet-sentinels-'))
  const started: RedisNode[] = []
  const clients = new Set<Redis>()
  const keep = (node: RedisNode) => {
    started.push(node)
    return node
  }
  async function close(): Promise<void> {
    for (const client of clients) client.disconnect()
    for (const node of started) node.thaw()
    await Promise.all(started.map((node) => node.close()))
    await rm(folder, { recursive: true, force: true })
  }

  try {
    const master = keep(await startRedisNode('--repl-diskless-sync-delay', '0', ...redisArgs))
    const follow = ['--replicaof', `${master.host} ${master.port}`, '--repl-diskless-sync-delay', '0']
    const replica = keep(await startRedisNode(...follow, ...redisArgs))
    const sentinels = await Promise.all(
      Array.from({ length: count }, async (_, i) => {
        const file = join(folder, `sentinel-${i}.conf`)
        const quorum = Math.floor(count / 2) + 1
        // Sentinel rewrites its file: it has to be one.
        const lines = [
          `sentinel monitor ${NAME} ${master.host} ${master.port} ${quorum}`,
          `sentinel down-after-milliseconds ${NAME} ${downAfterMs}`,
          `sentinel failover-timeout ${NAME} 10000`,
        ]
        await writeFile(file, `${lines.join('\n')}\n`)
        return keep(await startRedisNode(file, '--sentinel'))
      }),
    )
    const expected = `status=ok,address=${master.host}:${master.port},slaves=1,sentinels=${count}`
    for (const { admin } of sentinels) {
      await eventually(
        async () => {
          if (!(await admin.info('sentinel')).includes(expected))
            throw new Error('a Sentinel does not know all')
        },
        { timeoutMs: READY_WITHIN_MS },
      )
    }
    await eventually(
      async () => {
        if (!(await replica.admin.info('replication')).includes('master_link_status:up'))
          throw new Error('the replica is not in step')
      },
      { timeoutMs: READY_WITHIN_MS },
    )
    return {
      url: `redis+sentinel://${sentinels.map(({ host, port }) => `${host}:${port}`).join(',')}/${NAME}`,
      master,
      replica,
      sentinels,
      connect(options = {}) {
        const client = new Redis({
          sentinels: sentinels.map(({ host, port }) => ({ host, port })),
          name: NAME,
          retryStrategy: () => 50,
          disconnectTimeout: 50,
          ...options,
        })
        client.on('error', () => undefined)
        clients.add(client)
        return client
      },
      async untilMaster({ port }) {
        await eventually(
          async () => {
            const found = await Promise.any(
              sentinels.map(({ admin }) => admin.call('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', NAME)),
            )
            if ((found as string[])[1] !== String(port)) throw new Error('it is not the master yet')
          },
          { timeoutMs: READY_WITHIN_MS },
        )
      },
      close,
    }
  } catch (error) {
    await close()
    throw error
  }
}

import { freePort } from '@freshet/local'
import { Cluster, type ClusterOptions } from 'ioredis'
import { eventually } from '../eventually.ts'
import { type RedisNode, startRedisNode } from './redis-node.ts'

/** A Redis Cluster of one test alone. */
export interface RedisCluster {
  /** As REDIS_URL has it. */
  readonly url: string
  readonly nodes: readonly RedisNode[]
  /** A client, closed with the cluster. */
  connect(options?: ClusterOptions): Cluster
  /** The node that holds the key's slot now, by the word of the majority. */
  masterOf(key: string): Promise<RedisNode>
  /** A replica of the node, by its own word. */
  replicaOf(master: RedisNode): Promise<RedisNode>
  /** Starts and thaws what does not run, and resolves when every slot has its master and as many replicas as at first. */
  mend(): Promise<void>
  readonly close: () => Promise<void>
}

const SLOTS = 16_384
const HOST = '127.0.0.1'
const FORMS_WITHIN_MS = 60_000

/**
 * Starts the masters and forms the cluster; each of them has as many replicas.
 * After `nodeTimeoutMs` without an answer a master counts as failed; a machine under load needs seconds.
 */
export async function startRedisCluster(
  options: { masters?: number; replicas?: number; nodeTimeoutMs?: number } = {},
): Promise<RedisCluster> {
  const { masters = 3, replicas = 0, nodeTimeoutMs = 5_000 } = options
  const count = masters * (1 + replicas)
  const busPorts = await Promise.all(Array.from({ length: count }, () => freePort(null)))
  const nodes = await Promise.all(
    busPorts.map((busPort) => {
      // A node learns its own address from the others: one alone would have none to tell.
      const clustered = [
        '--cluster-enabled',
        'yes',
        '--cluster-port',
        `${busPort}`,
        '--cluster-announce-ip',
        HOST,
      ]
      const failing = ['--cluster-node-timeout', `${nodeTimeoutMs}`, '--cluster-require-full-coverage', 'no']
      // A replica may take over however long it has not heard of its master: a test cuts it off on purpose.
      return startRedisNode(...clustered, ...failing, '--cluster-replica-validity-factor', '0')
    }),
  )
  const clients = new Set<Cluster>()

  async function form(): Promise<void> {
    for (const [i, { admin }] of nodes.slice(0, masters).entries()) {
      const first = Math.ceil((i * SLOTS) / masters)
      const last = Math.ceil(((i + 1) * SLOTS) / masters) - 1
      await admin.call('CLUSTER', 'ADDSLOTSRANGE', first, last)
      await admin.call('CLUSTER', 'SET-CONFIG-EPOCH', i + 1)
    }
    for (const [i, { host, port }] of nodes.entries()) {
      if (i > 0) await nodes[0]!.admin.call('CLUSTER', 'MEET', host, port, busPorts[i]!)
    }
    await everyNode(async (node) => {
      const info = String(await node.admin.cluster('INFO'))
      if (!info.includes(`cluster_known_nodes:${count}`)) throw new Error('not every node is known')
    })
    for (const [i, replica] of nodes.slice(masters).entries()) {
      const master = nodes[i % masters]!
      const id = await master.admin.cluster('MYID')
      await eventually(() => replica.admin.call('CLUSTER', 'REPLICATE', id), { timeoutMs: FORMS_WITHIN_MS })
    }
    await untilWhole()
  }

  const untilWhole = () =>
    everyNode(async (node) => {
      const [cluster, replication] = [
        String(await node.admin.cluster('INFO')),
        await node.admin.info('replication'),
      ]
      if (!cluster.includes('cluster_state:ok')) throw new Error('the cluster is not up')
      if (replication.includes('master_link_status:down')) throw new Error('a replica is not in step')
      const ranges = await node.admin.cluster('SLOTS')
      if (ranges.some((range) => range.length !== 3 + replicas)) throw new Error('a replica is not known')
    })

  const everyNode = (check: (node: RedisNode) => Promise<void>) =>
    Promise.all(nodes.map((node) => eventually(() => check(node), { timeoutMs: FORMS_WITHIN_MS })))

  async function close(): Promise<void> {
    for (const client of clients) client.disconnect()
    for (const node of nodes) node.thaw()
    await Promise.all(nodes.map((node) => node.close()))
  }

  try {
    await form()
  } catch (error) {
    await close()
    throw error
  }
  return {
    url: `redis+cluster://${nodes.map(({ host, port }) => `${host}:${port}`).join(',')}`,
    nodes,
    connect(options = {}) {
      const startupNodes = nodes.map(({ host, port }) => ({ host, port }))
      const client = new Cluster(startupNodes, {
        ...options,
        redisOptions: { disconnectTimeout: 50, ...options.redisOptions },
      })
      client.on('error', () => undefined)
      clients.add(client)
      return client
    },
    async masterOf(key) {
      const slot = await answering(nodes, (node) => node.admin.cluster('KEYSLOT', key))
      const votes = new Map<number, number>()
      for (const ranges of await everyAnswer(nodes, (node) => node.admin.cluster('SLOTS'))) {
        const port = ranges.find(([first, last]) => first <= slot && slot <= last)?.[2]?.[1]
        if (port !== undefined) votes.set(port, (votes.get(port) ?? 0) + 1)
      }
      const [elected] = [...votes].toSorted(([, a], [, b]) => b - a)
      const master = nodes.find(({ port }) => port === elected?.[0])
      if (!master) throw new Error(`no node holds ${key}`)
      return master
    },
    async replicaOf(master) {
      for (const node of nodes) {
        const info = await within(node.admin.info('replication')).catch(() => '')
        if (info.includes('role:slave') && info.includes(`master_port:${master.port}`)) return node
      }
      throw new Error('it has no replica')
    },
    async mend() {
      for (const node of nodes) {
        node.thaw()
        await node.start()
      }
      await untilWhole()
    },
    close,
  }
}

/** Nodes that are dead or frozen do not answer: they are left out. */
async function everyAnswer<T>(
  nodes: readonly RedisNode[],
  ask: (node: RedisNode) => Promise<T>,
): Promise<T[]> {
  const answers = await Promise.allSettled(nodes.map((node) => within(ask(node))))
  return answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value] : []))
}

async function answering<T>(nodes: readonly RedisNode[], ask: (node: RedisNode) => Promise<T>): Promise<T> {
  return Promise.any(nodes.map((node) => within(ask(node))))
}

async function within<T>(work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_resolve, reject) => {
    timer = setTimeout(() => reject(new Error('no answer')), 2_000)
  })
  return Promise.race([work, late]).finally(() => clearTimeout(timer))
}

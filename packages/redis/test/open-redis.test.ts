import { AsyncLocalStorage } from 'node:async_hooks'
import { once } from 'node:events'
import net from 'node:net'
import { openRedis, type RedisClient } from '@freshet/redis'
import { eventually, parts, type RedisCluster, startRedisCluster, startWatchedRedis } from '@freshet/testing'
import { afterAll, afterEach, beforeAll, expect, jest, test } from '@jest/globals'
import { Cluster, Redis } from 'ioredis'

let cluster: RedisCluster
const open: RedisClient[] = []
const said: { level: string; message: string; node: unknown }[] = []
const note = (level: string) => (details: object, message: string) =>
  void said.push({ level, message, node: (details as { node?: unknown }).node })
const logger = { info: note('info'), warn: note('warn') }
const long = { timeoutMs: 60_000 }

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3, nodeTimeoutMs: 4_000 })
})
afterEach(() => {
  for (const redis of open.splice(0)) redis.disconnect()
  said.length = 0
})
afterAll(() => cluster.close())

const messages = () => said.map(({ message }) => message)

function opened(url: string, settings: Parameters<typeof openRedis>[2] = {}): RedisClient {
  const redis = openRedis(url, logger, settings)
  open.push(redis)
  return redis
}

test('opens one server by its URL', async () => {
  const redis = opened(parts().redisUrl, { connectionName: 'opener' })
  expect(await redis.client('GETNAME')).toBe('opener')
})

test('one that was never there keeps no process that is done with it', async () => {
  const redis = opened('redis://127.0.0.1:1')
  await eventually(() => expect(messages()).toEqual(['Redis is away']))
  const timers = jest.spyOn(globalThis, 'setTimeout')
  try {
    redis.disconnect()
    expect(timers.mock.calls.map(([, ms]) => ms).filter((ms) => ms! > 100)).toEqual([])
  } finally {
    timers.mockRestore()
  }
})

test('says once that Redis is away, and once that it is back', async () => {
  const { hostname, port } = new URL(parts().redisUrl)
  const sockets = new Set<net.Socket>()
  let isAway = true
  // Takes the place of Redis: hangs up while it is away, and passes everything on afterwards.
  const proxy = net.createServer((socket) => {
    if (isAway) return socket.resetAndDestroy()
    const upstream = net.connect(Number(port), hostname)
    sockets.add(socket).add(upstream)
    socket.pipe(upstream).pipe(socket)
    for (const one of [socket, upstream]) one.on('error', () => one.destroy())
  })
  await once(proxy.listen(0, '127.0.0.1'), 'listening')
  const address = `redis://127.0.0.1:${(proxy.address() as net.AddressInfo).port}`
  let tries = 0
  const redis = opened(address, {
    retryStrategy: (times) => {
      tries = times
      return 10
    },
  })
  try {
    await eventually(async () => expect(tries).toBeGreaterThan(5))
    expect(messages()).toEqual(['Redis is away'])
    isAway = false
    await redis.ping()
    expect(messages()).toEqual(['Redis is away', 'Redis is back'])
  } finally {
    for (const socket of sockets) socket.destroy()
    proxy.close()
  }
})

test('commands of requests that run at once are sent each in its own context, where its trace is', async () => {
  const redis = opened(parts().redisUrl) as Redis
  await redis.ping()
  const request = new AsyncLocalStorage<string>()
  const sent: [string | undefined, unknown][] = []
  const send = redis.sendCommand.bind(redis)
  redis.sendCommand = (command) => {
    sent.push([request.getStore(), command.args[0]])
    return send(command)
  }
  await Promise.all(['a', 'b'].map((key) => request.run(key, () => redis.get(`open-redis-test:${key}`))))
  expect(sent).toEqual([
    ['a', 'open-redis-test:a'],
    ['b', 'open-redis-test:b'],
  ])
})

test('opens a cluster, where keys lie on every node', async () => {
  const redis = opened(cluster.url)
  const keys = Array.from({ length: 30 }, (_, i) => `key-${i}`)
  await Promise.all(keys.map((key) => redis.set(key, key)))
  expect(await Promise.all(keys.map((key) => redis.get(key)))).toEqual(keys)
  for (const { admin } of cluster.nodes) expect(await admin.dbsize()).toBeGreaterThan(0)
})

test('says which node of a cluster is away, and that it is back, once each', async () => {
  const redis = opened(cluster.url)
  const node = await cluster.masterOf('key')
  await redis.set('key', 'value')
  await node.kill()
  await Promise.allSettled(Array.from({ length: 20 }, () => redis.get('key')))
  await eventually(
    () =>
      expect(said).toContainEqual({
        level: 'warn',
        message: 'Redis is away',
        node: `127.0.0.1:${node.port}`,
      }),
    long,
  )
  await node.start()
  await eventually(async () => expect(await redis.get('key')).toBeNull(), long)
  await eventually(() => expect(messages()).toEqual(['Redis is away', 'Redis is back']), long)
})

test('opens what Sentinels watch over, in the database that is named, and follows a failover', async () => {
  const watched = await startWatchedRedis({ downAfterMs: 3_000 })
  try {
    const redis = opened(`${watched.url}/3`)
    await redis.set('key', 'value')
    await watched.master.admin.select(3)
    expect(await watched.master.admin.get('key')).toBe('value')
    await watched.sentinels[0]!.admin.call('SENTINEL', 'FAILOVER', 'freshet')
    await watched.untilMaster(watched.replica)
    await watched.replica.admin.select(3)
    await eventually(async () => {
      await redis.set('key', 'new')
      expect(await watched.replica.admin.get('key')).toBe('new')
    }, long)
  } finally {
    await watched.close()
  }
})

test('leaves a master that is paused for its successor', async () => {
  const watched = await startWatchedRedis({ downAfterMs: 3_000 })
  try {
    const redis = opened(watched.url, { commandTimeout: 1_000 })
    await redis.set('key', 'value')
    watched.master.freeze()
    await eventually(async () => {
      await redis.set('key', 'new')
      expect(await watched.replica.admin.get('key')).toBe('new')
    }, long)
  } finally {
    await watched.close()
  }
})

test('passes on who logs in, TLS, and how long a command may wait, to every node', () => {
  const lazy = { lazyConnect: true, commandTimeout: 250, maxRetriesPerRequest: 1, enableOfflineQueue: false }
  const inCluster = opened('rediss+cluster://shop:p%40ss@a:1,b:2', lazy) as Cluster
  expect(inCluster).toBeInstanceOf(Cluster)
  expect(inCluster.options).toMatchObject({
    enableOfflineQueue: false,
    redisOptions: {
      username: 'shop',
      password: 'p@ss',
      tls: {},
      commandTimeout: 250,
      maxRetriesPerRequest: 1,
    },
  })
  const watched = opened('rediss+sentinel://:secret@a:1/shop/2?sentinelPassword=other', lazy) as Redis
  expect(watched).toBeInstanceOf(Redis)
  expect(watched.options).toMatchObject({
    sentinels: [{ host: 'a', port: 1 }],
    name: 'shop',
    db: 2,
    password: 'secret',
    sentinelPassword: 'other',
    tls: {},
    sentinelTLS: {},
    commandTimeout: 250,
  })
})

test('refuses a URL that it can not read, before anything is opened', () => {
  expect(() => openRedis('redis+sentinel://a', logger)).toThrow('does not name the master')
})

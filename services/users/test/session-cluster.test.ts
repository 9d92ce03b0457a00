import { openRedis, type RedisClient } from '@freshet/redis'
import { createLogger } from '@freshet/telemetry'
import { eventually, type RedisCluster, startRedisCluster } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { createSignInLimits, LimitStoreError, type SignInLimits } from '../src/session/session.limits.ts'
import { sessionRedisOptions } from '../src/session/session.redis.ts'
import { createSessionStore, type SessionStore, SessionStoreError } from '../src/session/session.store.ts'

/** Sessions and limits on three masters: every key of theirs has to lie in one slot. */
let cluster: RedisCluster
let redis: RedisClient
let sessions: SessionStore
let limits: SignInLimits

beforeAll(async () => {
  cluster = await startRedisCluster({ masters: 3, nodeTimeoutMs: 4_000 })
  redis = openRedis(cluster.url, createLogger('users-test', { level: 'silent' }), sessionRedisOptions)
  sessions = createSessionStore(redis, { lifetimeSeconds: 60, perAccount: 2 })
  limits = createSignInLimits(redis, { triesPerAccount: 2, windowSeconds: 60, triesPerMinute: 100 })
  await eventually(() => redis.ping(), { timeoutMs: 20_000 })
})
afterAll(async () => {
  redis.disconnect()
  await cluster.close()
})

test('sessions of many accounts are opened, found, listed, limited in number and closed', async () => {
  const users = Array.from({ length: 20 }, (_, i) => `user-${i}`)
  const opened = await Promise.all(users.map((userId) => sessions.open(userId)))
  for (const { token, userId } of opened) expect(await sessions.findByToken(token)).toMatchObject({ userId })
  expect((await sessions.findByUsers(users)).map((of) => of.length)).toEqual(users.map(() => 1))
  await sessions.open('user-0')
  await sessions.open('user-0')
  expect(await sessions.findByToken(opened[0]!.token)).toBeNull()
  expect(await sessions.close(opened[1]!.id)).toBe(true)
  expect(await sessions.findByToken(opened[1]!.token)).toBeNull()
})

test('tries are counted, refused beyond the limit, and forgiven', async () => {
  expect(await limits.trySignIn('a@example.com')).toBeNull()
  expect(await limits.trySignIn('a@example.com')).toBeNull()
  expect(await limits.trySignIn('a@example.com')).toBeGreaterThan(0)
  await limits.forgive('a@example.com')
  expect(await limits.trySignIn('a@example.com')).toBeNull()
  expect(await limits.trySignUp()).toBeNull()
})

test('with the node away, and with all of them, there is an error within seconds, and then it works again', async () => {
  const fails = async () => {
    const started = performance.now()
    await Promise.all([
      expect(sessions.open('1')).rejects.toBeInstanceOf(SessionStoreError),
      expect(sessions.findByToken(`fst_${'A'.repeat(43)}`)).rejects.toBeInstanceOf(SessionStoreError),
      expect(limits.trySignIn('b@example.com')).rejects.toBeInstanceOf(LimitStoreError),
    ])
    // Far more than it takes, and far less than forever.
    expect(performance.now() - started).toBeLessThan(20_000)
  }
  await (await cluster.masterOf('{users}:')).kill()
  await fails()
  for (const node of cluster.nodes) await node.kill()
  await fails()
  await cluster.mend()
  await eventually(() => sessions.open('1'), { timeoutMs: 30_000 })
})

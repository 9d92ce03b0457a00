import { type AddressInfo, createServer, type Socket } from 'node:net'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { createSignInLimits, LimitStoreError } from '../src/session/session.limits.ts'
import { sessionRedisOptions } from '../src/session/session.redis.ts'
import { createSessionStore, SessionStoreError } from '../src/session/session.store.ts'

/** Accepts connections and never says a word: a Redis that hangs, or sits behind a network that swallows packets. */
const open = new Set<Socket>()
const mute = createServer((socket) => {
  open.add(socket)
  socket.on('error', () => {})
})
let redis: Redis

beforeAll(async () => {
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
  redis = new Redis((mute.address() as AddressInfo).port, '127.0.0.1', sessionRedisOptions)
  redis.on('error', () => {})
})
afterAll(async () => {
  redis.disconnect()
  for (const socket of open) socket.destroy()
  await new Promise((resolve) => mute.close(resolve))
})

test('a Redis that hangs is an error, for sessions and for limits, not a request that hangs', async () => {
  const sessions = createSessionStore(redis, { lifetimeSeconds: 60, perAccount: 1 })
  const limits = createSignInLimits(redis, { triesPerAccount: 1, windowSeconds: 60, triesPerMinute: 1 })
  await Promise.all([
    expect(sessions.open('1')).rejects.toBeInstanceOf(SessionStoreError),
    expect(sessions.findByToken(`fst_${'A'.repeat(43)}`)).rejects.toBeInstanceOf(SessionStoreError),
    expect(sessions.findByUsers(['1'])).rejects.toBeInstanceOf(SessionStoreError),
    expect(sessions.close('x')).rejects.toBeInstanceOf(SessionStoreError),
    expect(limits.trySignIn('a@example.com')).rejects.toBeInstanceOf(LimitStoreError),
    // Best effort: what can't be forgiven now expires.
    limits.forgive('a@example.com'),
  ])
})

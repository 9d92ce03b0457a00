import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'
import { signCall } from '@freshet/http'
import { eventually, parts } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { Redis } from 'ioredis'
import { createUsersDatabase, PASSWORD, SECRET } from './harness.ts'

/** As much of the answers as is read here. */
interface Answer {
  data: { signUp: { userErrors: unknown[] }; signIn: { token: string } }
}

function start(env: Record<string, string>): ChildProcess {
  return spawn(process.execPath, ['--import', '@freshet/telemetry/register', 'src/main.ts'], {
    cwd: new URL('../', import.meta.url),
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
}

/** What the process logs once it listens. */
async function urlOf(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) {
    const { url } = JSON.parse(line) as { url?: string }
    if (url !== undefined) return url
  }
  throw new Error('the process ended before it listened')
}

test('runs as a process: signs up and in, verifies the token, ends on SIGTERM with 0', async () => {
  const database = await createUsersDatabase()
  const redis = new URL(parts().redisUrl)
  redis.pathname = '/15'
  const child = start({
    PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: redis.href,
    KAFKA_BROKERS: parts().kafkaBrokers.join(','),
    SUBGRAPH_SECRET: SECRET,
  })
  try {
    const url = await urlOf(child)
    await eventually(async () => {
      const ready = await fetch(`${url}/readyz`)
      expect([ready.status, await ready.json()]).toEqual([
        200,
        {
          status: 'ok',
          checks: { postgres: 'ok' },
          observed: { redis: 'ok', 'redis users-sessions': 'ok', kafka: 'ok' },
        },
      ])
    })
    const post = async (path: string, content: object, signed = true) => {
      const body = JSON.stringify(content)
      const headers = {
        'content-type': 'application/json',
        ...(signed && signCall({ secret: SECRET, body, viewer: null, path })),
      }
      const response = await fetch(`${url}${path}`, { method: 'POST', body, headers })
      return { status: response.status, body: (await response.json()) as Answer }
    }
    const email = `${crypto.randomUUID()}@example.com`
    const signUp = {
      query: 'mutation ($input: SignUpInput!) { signUp(input: $input) { token userErrors { code } } }',
      variables: { input: { email, password: PASSWORD, handle: 'process', displayName: 'P' } },
    }
    expect((await post('/graphql', signUp, false)).status).toBe(401)
    expect((await post('/graphql', signUp)).body.data.signUp.userErrors).toEqual([])
    const signIn = {
      query: 'mutation ($input: SignInInput!) { signIn(input: $input) { token } }',
      variables: { input: { email, password: PASSWORD } },
    }
    const { token } = (await post('/graphql', signIn)).body.data.signIn
    expect((await post('/internal/sessions/introspect', { token })).body).toMatchObject({ active: true })
    child.kill('SIGTERM')
    expect(await once(child, 'exit')).toEqual([0, null])
  } finally {
    child.kill('SIGKILL')
    await database.close()
    // Sessions have no TTL: nothing else would remove them.
    const client = new Redis(redis.href)
    await client.flushdb()
    client.disconnect()
  }
}, 60_000)

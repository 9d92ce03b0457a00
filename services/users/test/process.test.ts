import { signCall } from '@freshet/http'
import { claimRedisDatabase, createServiceDatabase, startServiceProcess } from '@freshet/subgraph/testing'
import { eventually, parts } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { PASSWORD, SECRET as secret, service } from './harness.ts'

/** As much of the answers as is read here. */
interface Answer {
  data: { signUp: { userErrors: unknown[] }; signIn: { token: string } }
}

test('runs as a process: signs up and in, verifies the token, ends on SIGTERM with 0', async () => {
  const database = await createServiceDatabase(service)
  // Sessions have no TTL: nothing else would remove them.
  const redis = await claimRedisDatabase()
  const users = startServiceProcess(new URL('../', import.meta.url), {
    PORT: '0',
    DATABASE_URL: database.url,
    REDIS_URL: redis.url,
    KAFKA_BROKERS: parts().kafkaBrokers.join(','),
    SUBGRAPH_SECRET: secret,
  })
  try {
    const url = await users.url()
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
        ...(signed && signCall({ secret, body, viewer: null, path })),
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
    users.stop()
    expect(await users.exited()).toBe(0)
  } finally {
    users.kill()
    await users.exited()
    await database.close()
    await redis.close()
  }
})

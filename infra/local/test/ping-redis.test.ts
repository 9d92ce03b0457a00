import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { pingRedis } from '../src/ping-redis.ts'
import { freePort } from '../src/ports.ts'

/** A cluster's node and a Sentinel (this package can't use those of @freshet/testing, which stands on it). */
const folder = mkdtempSync(join(tmpdir(), 'freshet-ping-'))
const servers: ChildProcess[] = []
const redisUrl = process.env.FRESHET_TEST_REDIS_URL!
let node: number
let sentinel: number

beforeAll(async () => {
  ;[node, sentinel] = [await freePort(null), await freePort(null)]
  const { hostname, port } = new URL(redisUrl)
  const file = join(folder, 'sentinel.conf')
  writeFileSync(file, `sentinel monitor freshet ${hostname} ${port} 1\n`)
  const bus = String(await freePort(null))
  run('--port', String(node), '--cluster-enabled', 'yes', '--cluster-port', bus, '--dir', folder)
  run(file, '--sentinel', '--port', String(sentinel), '--dir', folder)
})
afterAll(() => {
  for (const server of servers) server.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

test('a cluster answers when one of the nodes does that its URL names', async () => {
  await untilAnswers(`redis+cluster://127.0.0.1:1,127.0.0.1:${node}`)
  await expect(pingRedis('redis+cluster://127.0.0.1:1')).rejects.toThrow('ECONNREFUSED')
})

test('what is no cluster is not taken for one', async () => {
  const { host } = new URL(redisUrl)
  await expect(pingRedis(`redis+cluster://${host}`)).rejects.toThrow('no node of a cluster')
})

test('a master is found through its Sentinels, by the name that they give it', async () => {
  await untilAnswers(`redis+sentinel://127.0.0.1:${sentinel}/freshet`)
  await expect(pingRedis(`redis+sentinel://127.0.0.1:${sentinel}/other`)).rejects.toThrow('sentinel')
  await expect(pingRedis('redis+sentinel://127.0.0.1:1/freshet')).rejects.toThrow('unreachable')
})

async function untilAnswers(url: string): Promise<void> {
  for (const deadline = Date.now() + 20_000; ; ) {
    try {
      return await pingRedis(url)
    } catch (error) {
      if (Date.now() > deadline) throw error
    }
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function run(...args: string[]): void {
  const server = spawn('redis-server', [...args, '--bind', '127.0.0.1', '--save', ''], { stdio: 'ignore' })
  process.once('exit', () => server.kill('SIGKILL'))
  servers.push(server)
}

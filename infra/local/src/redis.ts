import { randomBytes } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { PartError } from './errors.ts'
import { type Launched, launch, untilReady } from './launch.ts'
import type { Layout } from './layout.ts'
import { partPort } from './part-port.ts'
import { pingRedis } from './ping-redis.ts'
import type { StartOptions } from './postgres.ts'
import { run } from './run.ts'
import { stopProcess } from './stop.ts'

/** Starts redis-server from the PATH; resolves when it answers. */
export async function startRedis({ layout, signal }: StartOptions): Promise<Launched> {
  await checkVersion()
  const folder = join(layout.folder, 'redis')
  mkdirSync(folder, { recursive: true })
  const durable = layout.profile === 'dev'
  const password = durable ? passwordIn(layout) : null
  for (let attempt = 1; ; attempt++) {
    const port = await partPort(layout, 'redis', durable ? 56379 : null)
    const url = `redis://${password === null ? '' : `:${password}@`}127.0.0.1:${port}`
    const settings = join(layout.folder, 'redis.conf')
    rmSync(settings, { force: true })
    writeFileSync(settings, redisSettings({ folder, port, durable, password }), { mode: 0o600 })
    const launched = launch(layout, {
      name: 'redis',
      kind: 'part',
      command: 'redis-server',
      args: [settings],
      cwd: folder,
      env: { PATH: process.env.PATH, LC_ALL: 'C' },
      url,
      logName: 'redis',
    })
    try {
      const { pid } = launched.record
      await untilReady(launched, { probe: () => pingRedis(url, { pid }), deadlineMs: 30_000, signal })
      return launched
    } catch (error) {
      await stopProcess(launched.record, 'SIGTERM', 5_000)
      const raced =
        error instanceof PartError && error.logTail.some((line) => line.includes('Address already in use'))
      if (!raced || attempt === 3) throw error
    }
  }
}

// Another clone's service that still has the address of its own Redis must not work on this one. Tests' Redis has a
// port of its own each time, and no password: what they start is told host and port.
function passwordIn(layout: Layout): string {
  const file = join(layout.folder, 'redis-password')
  if (!existsSync(file)) writeFileSync(file, randomBytes(24).toString('base64url'), { mode: 0o600 })
  return readFileSync(file, 'utf8').trim()
}

function redisSettings(options: {
  folder: string
  port: number
  durable: boolean
  password: string | null
}): string {
  return [
    '# Written by infra/local at each start: changes here are lost.',
    'bind 127.0.0.1',
    `port ${options.port}`,
    ...(options.password === null ? [] : [`requirepass "${options.password}"`]),
    `dir "${options.folder}"`,
    'daemonize no',
    // The command line and the environment stay as they were started: `freshet down` recognises strays by them.
    'set-proc-title no',
    'maxmemory 256mb',
    // Only what has a time to live may go: fences and sequences of the cache must not.
    'maxmemory-policy volatile-lru',
    'save ""',
    // Sessions survive a restart of the developer's machine; tests begin empty.
    `appendonly ${options.durable ? 'yes' : 'no'}`,
    'databases 64',
    '',
  ].join('\n')
}

async function checkVersion(): Promise<void> {
  const result = await run('redis-server', ['--version'])
  const version = /v=(\d+)\.(\d+)/.exec(result.output)
  if (version !== null && Number(version[1]) >= 7) return
  throw new PartError(
    'redis',
    version === null
      ? 'no redis-server on the PATH'
      : `Redis 7 or newer is needed, this is ${version[1]}.${version[2]}`,
    {
      advice:
        'Install it (Debian, Ubuntu: apt-get install redis-server; macOS: brew install redis; Fedora: dnf install valkey-compat-redis) or set FRESHET_REDIS_URL.',
    },
  )
}

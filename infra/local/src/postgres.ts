import {
  chmodSync,
  chownSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import pg from 'pg'
import { PartError } from './errors.ts'
import { identify } from './identity.ts'
import { type Launched, launch, untilReady } from './launch.ts'
import type { Layout } from './layout.ts'
import { partPort } from './part-port.ts'
import {
  adminPassword,
  formerHomes,
  postgresHome,
  postgresPrograms,
  withPasswordFile,
} from './postgres-home.ts'
import { postgresSettings } from './postgres-settings.ts'
import { run } from './run.ts'
import { stopProcess } from './stop.ts'
import { type SystemUser, unprivilegedUser } from './system-user.ts'

/** What every part's start gets. */
export type StartOptions = { layout: Layout; report: (line: string) => void; signal?: AbortSignal }

/** Starts PostgreSQL 18; resolves when it answers a query. The URL is the superuser's. */
export async function startPostgres({ layout, report, signal }: StartOptions): Promise<Launched> {
  const user = unprivilegedUser(report)
  const programs = postgresPrograms(user)
  for (const former of formerHomes()) await removeFormer(former)
  const home = postgresHome(layout, user)
  const data = join(home, 'postgres')
  if (!existsSync(data)) await initialise({ programs, home, data, user, durable: layout.profile === 'dev' })
  await endLeftover(data)

  for (let attempt = 1; ; attempt++) {
    const port = await partPort(layout, 'postgres', layout.profile === 'dev' ? 55432 : null)
    const url = `postgres://postgres:${adminPassword(home)}@127.0.0.1:${port}/postgres`
    const settings = join(home, 'postgresql.conf')
    writeFileSync(settings, postgresSettings({ data, home, port, durable: layout.profile === 'dev' }), {
      mode: 0o644,
    })
    // A password even on the loopback: a superuser may run programs, and a machine can have more than one user.
    writeFileSync(join(home, 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n', { mode: 0o644 })
    const launched = launch(layout, {
      name: 'postgres',
      kind: 'part',
      command: join(programs, 'postgres'),
      args: [`--config-file=${settings}`],
      // The clone may be a folder that the server's user cannot enter.
      cwd: '/',
      env: serverEnvironment(),
      user,
      url,
      logName: 'postgres',
      // Fast shutdown: SIGTERM would wait for every client to leave.
      stopSignal: 'SIGINT',
    })
    try {
      await untilReady(launched, { probe: () => pingPostgres(url), deadlineMs: 60_000, signal })
      return launched
    } catch (error) {
      await stopProcess(launched.record, 'SIGINT', 5_000)
      const raced =
        error instanceof PartError && error.logTail.some((line) => line.includes('Address already in use'))
      if (!raced || attempt === 3) throw error
    }
  }
}

/** One connection, one statement. */
export async function pingPostgres(url: string, timeoutMs = 5_000): Promise<void> {
  const client = new pg.Client({
    connectionString: url,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
  })
  // A connection that breaks while it is closed is no news: the query's own error is what counts.
  client.on('error', () => {})
  try {
    await client.connect()
    await client.query('select 1')
  } finally {
    await client.end().catch(() => {})
  }
}

type Initialisation = {
  programs: string
  home: string
  data: string
  user: SystemUser | null
  durable: boolean
}

// Made aside and renamed: an interrupted initdb leaves nothing that looks like a data folder.
async function initialise({ programs, home, data, user, durable }: Initialisation): Promise<void> {
  const unfinished = `${data}.unfinished`
  rmSync(unfinished, { recursive: true, force: true })
  mkdirSync(unfinished, { mode: 0o700 })
  chmodSync(unfinished, 0o700)
  if (user !== null) chownSync(unfinished, user.uid, user.gid)
  const result = await withPasswordFile(home, user, (passwordFile) =>
    run(
      join(programs, 'initdb'),
      [
        `--pgdata=${unfinished}`,
        '--username=postgres',
        `--pwfile=${passwordFile}`,
        '--auth=scram-sha-256',
        '--encoding=UTF8',
        // Built in: the same order of text on every machine, whatever locales it has.
        '--locale-provider=builtin',
        '--builtin-locale=C.UTF-8',
        '--locale=C',
        ...(durable ? [] : ['--no-sync']),
      ],
      { ...(user ?? {}), cwd: '/', env: serverEnvironment() },
    ),
  )
  if (result.code !== 0) {
    rmSync(unfinished, { recursive: true, force: true })
    throw new PartError('postgres', 'initdb failed', {
      logTail: result.output.trim().split('\n').slice(-8),
      advice: `Is there room under ${home}?`,
    })
  }
  renameSync(unfinished, data)
}

async function removeFormer(folder: string): Promise<void> {
  for (const profile of readdirSync(folder)) await endLeftover(join(folder, profile, 'postgres'))
  rmSync(folder, { recursive: true, force: true })
}

// The state file can be lost while the server runs. Its data folder is ours alone, so the server is ours too.
async function endLeftover(data: string): Promise<void> {
  const file = join(data, 'postmaster.pid')
  if (!existsSync(file)) return
  const pid = Number(readFileSync(file, 'utf8').split('\n')[0])
  const leftover = Number.isInteger(pid) && pid > 1 ? identify(pid) : null
  if (leftover !== null && (await isServerOf(pid, data))) await stopProcess(leftover, 'SIGINT', 10_000)
}

async function isServerOf(pid: number, data: string): Promise<boolean> {
  const settings = join(data, '..', 'postgresql.conf')
  const { output } = await run('ps', ['-o', 'args=', '-p', String(pid)])
  return output.includes(`--config-file=${settings}`)
}

function serverEnvironment(): NodeJS.ProcessEnv {
  return { PATH: process.env.PATH, LC_ALL: 'C', TZ: 'UTC' }
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { TwinDatabase } from './database/create-database.ts'

/** A running twin. */
export interface Twin {
  /** Without a path. */
  readonly url: string
  readonly pid: number
  close(): Promise<void>
}

/** As many as Freshet's three services have together. */
const CONNECTIONS = 30

export async function startTwin(database: TwinDatabase): Promise<Twin> {
  const child = fork(
    fileURLToPath(new URL('main.ts', import.meta.url)),
    [database.url, String(CONNECTIONS)],
    {
      env: { ...process.env, NODE_ENV: 'production', TZ: 'UTC' },
    },
  )
  const url = await addressOf(child)
  return {
    url,
    pid: child.pid!,
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

async function addressOf(child: ChildProcess): Promise<string> {
  const told = once(child, 'message').then(([message]) => new URL((message as { url: string }).url).origin)
  const ended = once(child, 'exit').then(([code]) => Promise.reject(new Error(`the twin ended with ${code}`)))
  return Promise.race([told, ended])
}

import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import startParts from '@freshet/testing/global-setup'
import { SHARED_SYSTEM } from './supergraph.ts'

declare global {
  var sharedSystemProcess: ChildProcess | undefined
}

/** Starts the parts, and one whole supergraph for all scenarios. */
// biome-ignore lint/style/noDefaultExport: jest takes nothing else
export default async function globalSetup(): Promise<void> {
  await startParts()
  const child = fork(join(__dirname, 'system-process.ts'), { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
  globalThis.sharedSystemProcess = child
  const started = await Promise.race([
    once(child, 'message').then(([system]) => system as object),
    once(child, 'exit').then(([code]) => Promise.reject(new Error(`The shared system ended with ${code}`))),
  ])
  process.env[SHARED_SYSTEM] = JSON.stringify(started)
}

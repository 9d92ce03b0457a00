import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { createInterface } from 'node:readline'

/** A service as a process of its own, as it runs in production. */
export interface ServiceProcess {
  /** What it logs once it listens. Rejects if it ends before. */
  url(): Promise<string>
  /** Everything that it wrote to stderr. */
  stderr(): string
  /** SIGTERM. */
  stop(): void
  /** Its exit status; null after a signal. */
  exited(): Promise<number | null>
  /** SIGKILL, if it is still there. */
  kill(): void
}

/**
 * Starts a service's `src/main.ts` with nothing in its environment but `env`.
 *
 * @param folder the service's folder
 */
export function startServiceProcess(folder: URL, env: Readonly<Record<string, string>>): ServiceProcess {
  const child = spawn(process.execPath, ['--import', '@freshet/telemetry/register', 'src/main.ts'], {
    cwd: folder,
    env: { PATH: process.env.PATH, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const exited = once(child, 'close')
  let stderr = ''
  child.stderr.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
  })
  const listening = Promise.withResolvers<string>()
  listening.promise.catch(() => {}) // Not everybody waits for it.
  createInterface({ input: child.stdout }).on('line', (line) => {
    const { url } = JSON.parse(line) as { url?: string }
    if (url !== undefined) listening.resolve(url)
  })
  void exited.then(() => listening.reject(new Error(`the process ended before it listened: ${stderr}`)))
  return {
    url: () => listening.promise,
    stderr: () => stderr,
    stop: () => void child.kill('SIGTERM'),
    async exited() {
      const [status] = (await exited) as [number | null]
      return status
    },
    kill: () => void child.kill('SIGKILL'),
  }
}

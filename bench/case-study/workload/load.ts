import { fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { LoadOrder, LoadResult, LoadSettings } from './load-process.ts'

/** Sends requests from a process of its own. */
export interface Load {
  run(order: LoadOrder): Promise<LoadResult>
  close(): Promise<void>
}

export async function startLoad(settings: LoadSettings): Promise<Load> {
  const child = fork(fileURLToPath(new URL('load-process.ts', import.meta.url)), [], {
    serialization: 'advanced',
  })
  const ended = once(child, 'exit').then(([code]) =>
    Promise.reject(new Error(`the load's process ended with ${code}`)),
  )
  // Heard where a run waits for it.
  ended.catch(() => undefined)
  const next = <Message>(): Promise<Message> =>
    Promise.race([once(child, 'message').then(([message]) => message as Message), ended])

  child.send(settings)
  await next<'ready'>()
  return {
    run(order) {
      const result = next<LoadResult>()
      child.send(order)
      return result
    },
    async close() {
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.kill('SIGKILL')
      await gone
    },
  }
}

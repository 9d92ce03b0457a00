import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { fileURLToPath } from 'node:url'
import type { ChildSettings, Order, Records, Told } from './messages.ts'

/** A child process that is started again when it dies. */
export interface Child {
  send(order: Order): void
  /** Resolves with its next message of this type. */
  next<Type extends Told['type']>(type: Type): Promise<Extract<Told, { type: Type }>>
  /** SIGKILL; a new one is started. */
  kill(): void
  /** How often it has died. */
  deaths(): number
  end(): Promise<void>
}

/** Starts one, and resolves when it is ready. */
export async function startChild(
  file: 'worker.ts' | 'deliverer.ts',
  settings: ChildSettings,
  onRecords: (records: Records) => void = () => undefined,
): Promise<Child> {
  const path = fileURLToPath(new URL(file, import.meta.url))
  const waiting = new Set<{ type: Told['type']; resolve: (told: Told) => void }>()
  let [child, deaths, ending] = [start(), 0, false]

  function start(): ChildProcess {
    const started = fork(path, [JSON.stringify(settings)], { serialization: 'advanced' })
    started.on('message', (told: Told) => {
      if (told.type === 'records') onRecords(told)
      for (const one of [...waiting].filter(({ type }) => type === told.type)) {
        waiting.delete(one)
        one.resolve(told)
      }
    })
    started.once('exit', () => {
      if (ending) return
      deaths++
      child = start()
    })
    return started
  }
  function next<Type extends Told['type']>(type: Type) {
    return new Promise<Extract<Told, { type: Type }>>((resolve) => {
      waiting.add({ type, resolve: resolve as (told: Told) => void })
    })
  }

  await next('ready')
  return {
    // To one that is just dying: its successor is not meant.
    send: (order) => void child.send(order, () => undefined),
    next,
    kill: () => void child.kill('SIGKILL'),
    deaths: () => deaths,
    async end() {
      ending = true
      if (child.exitCode !== null || child.signalCode !== null) return
      const gone = once(child, 'exit')
      child.send({ type: 'end' } satisfies Order, () => undefined)
      // A library may hold on to a Redis that is away.
      const impatient = setTimeout(() => child.kill('SIGKILL'), 5_000)
      await gone
      clearTimeout(impatient)
    },
  }
}

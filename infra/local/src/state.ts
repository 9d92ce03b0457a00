import { readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isAlive, type ProcessIdentity } from './identity.ts'
import type { Layout } from './layout.ts'
import { withLockSync } from './lock.ts'

/** One process that this clone started. */
export type ProcessRecord = ProcessIdentity &
  Readonly<{
    /** `postgres`, `redis`, `kafka`, or a service's name. */
    name: string
    kind: 'part' | 'subgraph' | 'gateway'
    /** Tells apart two supergraphs of one profile; parts have none. */
    group: string | null
    /** Who started it. Parts outlive their starter, services do not: the next `up` ends a service without an owner. */
    owner: ProcessIdentity
    /** How to reach it, passwords included: the reason why the state file is readable by its owner alone. */
    url: string
    log: string
    stopSignal: NodeJS.Signals
  }>

export type State = Readonly<{ version: 1; processes: readonly ProcessRecord[] }>

const empty: State = { version: 1, processes: [] }

/** What is recorded and still runs. */
export function readState(layout: Layout): State {
  const state = load(layout)
  return { ...state, processes: state.processes.filter(isAlive) }
}

/** Changes the state under a lock. Records of processes that are gone are dropped on the way. */
export function updateState(
  layout: Layout,
  change: (processes: readonly ProcessRecord[]) => readonly ProcessRecord[],
): void {
  withLockSync(`${layout.stateFile}.lock`, () => {
    const processes = change(load(layout).processes.filter(isAlive))
    const next = `${layout.stateFile}.next`
    writeFileSync(next, `${JSON.stringify({ version: 1, processes }, null, 2)}\n`, { mode: 0o600 })
    renameSync(next, layout.stateFile)
  })
}

function load(layout: Layout): State {
  let text: string
  try {
    text = readFileSync(layout.stateFile, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return empty
    throw error
  }
  try {
    const state = JSON.parse(text) as State
    if (state.version === 1 && Array.isArray(state.processes)) return state
  } catch {
    // Not ours to repair: set aside below. `down` still finds the processes by their tag (see strays.ts).
  }
  renameSync(layout.stateFile, `${layout.stateFile}.unreadable`)
  return empty
}

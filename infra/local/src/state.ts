import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs'
import { isDiskFull } from './disk-full.ts'
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

/** A process that ended without being asked to; shown until `down`, or until one of its name is started. */
export type EndedProcess = ProcessRecord &
  Readonly<{
    /** Null when nobody was there to see it. */
    reason: string | null
    /** When it ended or, with nobody there, was found to have. */
    at: string
  }>

/** What is recorded of a profile. */
export type State = Readonly<{
  version: 1
  processes: readonly ProcessRecord[]
  /** The latest of each name. */
  ended: readonly EndedProcess[]
  /** Each part's last port, which services that still run go on to use. */
  ports: Readonly<Record<string, number>>
}>

const empty: State = { version: 1, processes: [], ended: [], ports: {} }

/** What is recorded: what still runs, and what has ended. */
export function readState(layout: Layout): State {
  return settle(load(layout))
}

/** Changes what runs, under a lock. What is gone by itself has moved to the ended ones by then. */
export function updateState(
  layout: Layout,
  change: (processes: readonly ProcessRecord[]) => readonly ProcessRecord[],
): void {
  changeState(layout, (state) => ({ ...state, processes: change(state.processes) }))
}

/** Changes all of the state, under a lock. */
export function changeState(layout: Layout, change: (state: State) => State): void {
  withLockSync(`${layout.stateFile}.lock`, () => {
    const next = `${layout.stateFile}.next`
    writeFileSync(next, `${JSON.stringify(change(settle(load(layout))), null, 2)}\n`, { mode: 0o600 })
    renameSync(next, layout.stateFile)
  })
}

/** {@link changeState} for what has ended. On a full disk nothing is written: what is gone is seen to be gone all the same. */
export function forget(layout: Layout, change: (state: State) => State): void {
  try {
    changeState(layout, change)
  } catch (error) {
    if (!isDiskFull(error)) throw error
  }
}

/** Notes how a process ended; nothing when it was asked to and is forgotten already. */
export function noteEnd(layout: Layout, process: ProcessIdentity, reason: string): void {
  const isIt = (one: ProcessIdentity) => one.pid === process.pid && one.started === process.started
  const known = (state: State) => [...state.processes, ...state.ended].some(isIt)
  // A profile that is being removed has neither the file nor its folder.
  if (!existsSync(layout.stateFile) || !known(load(layout))) return
  changeState(layout, (state) => ({
    ...state,
    ended: state.ended.map((one) => (isIt(one) ? { ...one, reason, at: new Date().toISOString() } : one)),
  }))
}

function settle(state: State): State {
  const gone = state.processes.filter((record) => !isAlive(record))
  if (gone.length === 0) return state
  const at = new Date().toISOString()
  const ended = [...state.ended, ...gone.map((record) => ({ ...record, reason: null, at }))]
  return {
    ...state,
    processes: state.processes.filter((record) => !gone.includes(record)),
    ended: [...new Map(ended.map((one) => [one.name, one])).values()],
  }
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
    if (state.version === 1 && Array.isArray(state.processes)) return { ...empty, ...state }
  } catch {
    // Not ours to repair: set aside below. `down` still finds the processes by their tag (see strays.ts).
  }
  renameSync(layout.stateFile, `${layout.stateFile}.unreadable`)
  return empty
}

import { isAlive, type ProcessIdentity, self } from './identity.ts'
import type { Layout } from './layout.ts'
import { forget, type ProcessRecord, readState } from './state.ts'

const stages: readonly ProcessRecord['kind'][] = ['gateway', 'subgraph', 'part']

/** Stops the processes, doors first and parts last, waits until they are gone, and forgets them. */
export async function stopAll(
  layout: Layout,
  processes: readonly ProcessRecord[],
  options: { graceMs?: number; onStop?: (record: ProcessRecord) => void } = {},
): Promise<void> {
  for (const stage of stages) {
    await Promise.all(
      processes
        .filter((record) => record.kind === stage)
        .map(async (record) => {
          await stopProcess(record, record.stopSignal, options.graceMs ?? 12_000)
          options.onStop?.(record)
        }),
    )
  }
  const others = (one: ProcessIdentity) => !processes.some((stopped) => stopped.pid === one.pid)
  forget(layout, (state) => ({
    ...state,
    processes: state.processes.filter(others),
    ended: state.ended.filter(others),
  }))
}

/** Stops what this very process started, and nothing else. `graceMs` 0 kills at once. */
export async function stopOwn(layout: Layout, options: { graceMs?: number } = {}): Promise<void> {
  const me = self()
  const { processes, ended } = readState(layout)
  const own = [...processes, ...ended].filter(
    ({ owner }) => owner.pid === me.pid && owner.started === me.started,
  )
  await stopAll(
    layout,
    options.graceMs === 0 ? own.map((one) => ({ ...one, stopSignal: 'SIGKILL' })) : own,
    options,
  )
}

/** Asks, waits, then kills the whole process group. Returns when the process is gone; never touches a reused pid. */
export async function stopProcess(
  target: ProcessIdentity,
  signal: NodeJS.Signals,
  graceMs: number,
): Promise<void> {
  if (!send(target, target.pid, signal)) return
  if (await gone(target, graceMs)) return
  send(target, -target.pid, 'SIGKILL')
  send(target, target.pid, 'SIGKILL')
  if (!(await gone(target, 5_000))) throw new Error(`process ${target.pid} did not end, even by SIGKILL`)
}

function send(target: ProcessIdentity, to: number, signal: NodeJS.Signals): boolean {
  if (!isAlive(target)) return false
  try {
    process.kill(to, signal)
    return true
  } catch (error) {
    // Ended between the check and the signal; anything else (no permission) must be heard of.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
    throw error
  }
}

async function gone(target: ProcessIdentity, withinMs: number): Promise<boolean> {
  const deadline = Date.now() + withinMs
  while (isAlive(target)) {
    if (Date.now() > deadline) return false
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
  return true
}

import { rmSync } from 'node:fs'
import type { Profile } from './layout.ts'
import { layoutOf } from './layout.ts'
import { type ProcessRecord, readState } from './state.ts'
import { stopAll, stopProcess } from './stop.ts'
import { findStrays } from './strays.ts'
import { asRecord } from './up.ts'

/**
 * Stops everything of a profile: its launcher if one runs (which then stops its services itself), what the state file
 * knows, and what only the tag in its environment gives away. Returns what was stopped; resolves when all is gone.
 */
export async function down(options: {
  profile: Profile
  onStop?: (record: ProcessRecord) => void
}): Promise<ProcessRecord[]> {
  const layout = layoutOf(options.profile)
  const before = readState(layout).processes
  const launchers = new Map(
    before
      .filter((record) => record.kind !== 'part' && record.owner.pid !== process.pid)
      .map((record) => [record.owner.pid, record.owner]),
  )
  await Promise.all([...launchers.values()].map((owner) => stopProcess(owner, 'SIGTERM', 20_000)))
  const { processes } = readState(layout)
  await stopAll(layout, processes, { onStop: options.onStop })
  const strays = findStrays(layout, []).map(asRecord)
  await stopAll(layout, strays, { onStop: options.onStop })
  rmSync(`${layout.folder}/up.lock`, { force: true })
  return [...before, ...strays]
}

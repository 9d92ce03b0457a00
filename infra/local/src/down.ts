import { existsSync, readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { isAlive, type ProcessIdentity } from './identity.ts'
import { type Layout, layoutOf, type Profile, workspaceRoot } from './layout.ts'
import { lockHolder } from './lock.ts'
import { knownPostgresHome } from './postgres-home.ts'
import { forget, type ProcessRecord, readState } from './state.ts'
import { stopAll, stopProcess } from './stop.ts'
import { findStrays } from './strays.ts'
import { asRecord } from './up.ts'

/**
 * Stops everything of a profile: its launchers if any run (which then stop what is theirs in order), what the state
 * file knows, and what only the tag in its environment gives away. Returns what was stopped, when all of it is gone.
 */
export async function down(options: {
  profile: Profile
  onStop?: (record: ProcessRecord) => void
}): Promise<ProcessRecord[]> {
  const layout = layoutOf(options.profile)
  const before = readState(layout).processes
  await Promise.all(launchers(layout, before).map((one) => stopProcess(one, 'SIGTERM', 20_000)))
  await stopAll(layout, readState(layout).processes, { onStop: options.onStop })
  const strays = findStrays(layout, []).map(asRecord)
  await stopAll(layout, strays, { onStop: options.onStop })
  forget(layout, (state) => ({ ...state, ended: [] }))
  return [...before, ...strays]
}

/** The profiles that this clone has ever had. */
export function knownProfiles(): Profile[] {
  const folder = join(workspaceRoot, '.freshet')
  if (!existsSync(folder)) return []
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'logs')))
}

/** Stops everything of a profile and deletes its data; `keepLogs` leaves the logs for whoever looks into a failure. */
export async function removeProfile(profile: Profile, options: { keepLogs?: boolean } = {}): Promise<void> {
  const layout = layoutOf(profile)
  const homes = new Set([layout.folder, knownPostgresHome(layout)])
  await down({ profile })
  for (const home of homes) {
    for (const name of existsSync(home) ? readdirSync(home) : []) {
      if (!(options.keepLogs && name === 'logs')) rmSync(join(home, name), { recursive: true, force: true })
    }
    if (!options.keepLogs) rmSync(home, { recursive: true, force: true })
  }
}

/** Stops what is left of profiles whose names begin so and whose starters are gone (a test run that was killed). */
export async function stopAbandoned(prefix: string): Promise<void> {
  for (const profile of knownProfiles().filter((name) => name.startsWith(prefix))) {
    const layout = layoutOf(profile)
    await stopAll(
      layout,
      readState(layout).processes.filter(({ owner }) => !isAlive(owner)),
    )
  }
}

/** Removes the folders (logs, by then) of finished profiles whose names begin so. */
export function pruneProfiles(prefix: string): void {
  for (const profile of knownProfiles().filter((name) => name.startsWith(prefix))) {
    const layout = layoutOf(profile)
    if (readState(layout).processes.length === 0) rmSync(layout.folder, { recursive: true, force: true })
  }
}

/** The lock that a foreground `freshet start` holds for as long as it runs. */
export function startLock(layout: Layout): string {
  return join(layout.folder, 'start.lock')
}

function launchers(layout: Layout, processes: readonly ProcessRecord[]): ProcessIdentity[] {
  const holders = [startLock(layout), join(layout.folder, 'up.lock')].map(lockHolder)
  const owners = processes.filter(({ kind }) => kind !== 'part').map(({ owner }) => owner)
  const all = [...holders, ...owners].filter((one) => one !== null && one.pid !== process.pid)
  return [...new Map(all.map((one) => [one!.pid, one!])).values()]
}

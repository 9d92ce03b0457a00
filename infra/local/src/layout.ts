import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** The clone's top folder. */
export const workspaceRoot = fileURLToPath(new URL('../../../', import.meta.url)).replace(/\/$/, '')

/** `dev` keeps its data safe and has the usual ports; every other profile is for tests: fast, disposable, any free port. */
export type Profile = 'dev' | 'test' | (string & {})

/** Where one profile of this clone keeps its things. */
export type Layout = Readonly<{
  profile: Profile
  /** `.freshet/<profile>`, which exists. */
  folder: string
  logs: string
  stateFile: string
  /** In the environment of every process that belongs to the profile: what finds them when the state file is lost. */
  ownerTag: (name: string) => string
}>

/** Throws when the profile's name could not be a folder's. */
export function layoutOf(profile: Profile): Layout {
  if (!/^[a-z0-9][a-z0-9-]{0,40}$/.test(profile)) {
    throw new Error(
      `a profile is named with lower-case letters, digits and dashes, not ${JSON.stringify(profile)}`,
    )
  }
  const folder = join(workspaceRoot, '.freshet', profile)
  const logs = join(folder, 'logs')
  mkdirSync(logs, { recursive: true })
  return {
    profile,
    folder,
    logs,
    stateFile: join(folder, 'state.json'),
    ownerTag: (name) => `${workspaceRoot}|${profile}|${name}`,
  }
}

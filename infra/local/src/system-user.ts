import { execFileSync, spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { PartError } from './errors.ts'

/** Who runs PostgreSQL when the launcher is root, which PostgreSQL refuses to run as. */
export type SystemUser = Readonly<{ uid: number; gid: number }>

/** Null for an ordinary user (who then runs everything); for root the user `postgres`, created when missing. */
export function unprivilegedUser(report: (line: string) => void): SystemUser | null {
  if (process.getuid?.() !== 0) return null
  const known = lookUp('postgres')
  if (known !== null) return known
  report('creating the system user postgres (PostgreSQL refuses to run as root)')
  try {
    execFileSync(
      'useradd',
      ['--system', '--user-group', '--no-create-home', '--shell', '/usr/sbin/nologin', 'postgres'],
      {
        stdio: ['ignore', 'ignore', 'pipe'],
      },
    )
  } catch (error) {
    throw new PartError('postgres', 'the system user postgres could not be created', {
      advice: 'Create it (useradd --system postgres), run as an ordinary user, or set FRESHET_POSTGRES_URL.',
      cause: error,
    })
  }
  const created = lookUp('postgres')
  if (created === null)
    throw new PartError('postgres', 'the system user postgres is missing after its creation')
  return created
}

/** Tried rather than computed from modes: ACLs, mounts and 0700 folders above all count. */
export function canEnter(user: SystemUser, folder: string): boolean {
  const shell = spawnSync('/bin/sh', ['-c', 'cd "$1"', 'sh', folder], { ...user, cwd: '/', stdio: 'ignore' })
  return shell.status === 0
}

function lookUp(name: string): SystemUser | null {
  const line = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .find((entry) => entry.startsWith(`${name}:`))
  const [, , uid, gid] = line?.split(':') ?? []
  return uid === undefined || gid === undefined ? null : { uid: Number(uid), gid: Number(gid) }
}

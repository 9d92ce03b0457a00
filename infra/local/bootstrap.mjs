// `npm start` and `npm test` begin here, on whatever Node (18 or newer) the machine has: install the workspace when
// its lockfile has changed, then hand over to the cli, which goes on with the pinned Node. No dependencies, plain
// JavaScript: nothing is installed yet.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, rmdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'

const root = fileURLToPath(new URL('../../', import.meta.url))
const logFile = join(root, '.freshet', 'install.log')
const diskFull = `The disk is full: the packages need about 1 GB in ${root} and in pnpm's store. Make room, then try again.`
const marker = join(root, 'node_modules', '.freshet-installed')

if (Number(process.versions.node.split('.')[0]) < 18) {
  fail([`Freshet needs Node 18 or newer with npm to begin with; this is ${process.version}.`])
}
try {
  mkdirSync(join(root, '.freshet'), { recursive: true })
  if (!isInstalled()) {
    const problem = await alone(() => (isInstalled() ? null : install()))
    if (problem) fail(problem)
  }
} catch (error) {
  if (error.code !== 'ENOSPC') throw error
  fail([diskFull])
}
await import(pathToFileURL(join(root, 'packages', 'cli', 'bin', 'freshet.mjs')).href)

function isInstalled() {
  return (
    existsSync(join(root, 'node_modules', '.bin', 'node')) &&
    existsSync(marker) &&
    readFileSync(marker, 'utf8') === fingerprint()
  )
}

function fingerprint() {
  const hash = createHash('sha256')
  for (const name of ['pnpm-lock.yaml', 'pnpm-workspace.yaml']) hash.update(readFileSync(join(root, name)))
  return hash.digest('hex')
}

// Null when it worked, else the lines to show.
function install() {
  const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
  const began = Date.now()
  say(
    `installing the packages with ${packageManager} (a minute or two the first time; log: .freshet/install.log)`,
  )
  const result = spawnSync('npx', ['--yes', packageManager, 'install', '--frozen-lockfile'], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 64 * 1024 * 1024,
    shell: process.platform === 'win32',
    stdio: ['ignore', 'pipe', 'pipe'],
    // CI: pnpm asks nothing. The rest: no advice about npm's own version.
    env: { ...process.env, CI: 'true', NO_UPDATE_NOTIFIER: '1', npm_config_update_notifier: 'false' },
  })
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}${result.error ? `${result.error.message}\n` : ''}`
  if (/\bENOSPC\b|no space left on device/i.test(output)) return [diskFull]
  writeFileSync(logFile, output)
  if (result.signal) process.kill(process.pid, result.signal)
  if (result.status !== 0) {
    const lines = output.trim().split('\n').slice(-15)
    return [
      'The packages could not be installed:',
      ...lines.map((line) => `    | ${line}`),
      output.includes('OUTDATED_LOCKFILE')
        ? `A package.json was changed without its lockfile: run npx ${packageManager} install, and commit pnpm-lock.yaml.`
        : 'Is the network there (npm ping), and room on the disk?',
      'The whole log: .freshet/install.log',
    ]
  }
  writeFileSync(marker, fingerprint())
  say(`installed in ${Math.round((Date.now() - began) / 1000)} s`)
  return null
}

// Two commands at once in a new clone: the second waits for the first one's installation.
async function alone(work) {
  const lock = join(root, '.freshet', 'install.lock')
  const holder = join(lock, 'pid')
  for (let told = false; ; told = true) {
    try {
      mkdirSync(lock)
      break
    } catch (error) {
      if (error.code !== 'EEXIST') throw error
      if (isAbandoned(lock, holder)) rmSync(lock, { recursive: true, force: true })
      else if (!told) say('waiting for another command that is installing the packages')
      await new Promise((resolve) => setTimeout(resolve, 200))
    }
  }
  writeFileSync(holder, String(process.pid))
  try {
    return work()
  } finally {
    rmSync(holder, { force: true })
    rmdirSync(lock)
  }
}

function isAbandoned(lock, holder) {
  try {
    process.kill(Number(readFileSync(holder, 'utf8')), 0)
    return false
  } catch (error) {
    if (error.code === 'EPERM') return false
    if (error.code === 'ESRCH') return true
    // No pid in it: between the two steps of taking it or of giving it back, unless that was long ago.
    const since = statSync(lock, { throwIfNoEntry: false })?.mtimeMs
    return since !== undefined && Date.now() - since > 5_000
  }
}

function say(line) {
  process.stderr.write(`freshet: ${line}\n`)
}

function fail(lines) {
  process.stderr.write(`${lines.join('\n')}\n`)
  process.exit(1)
}

import { spawn } from 'node:child_process'
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from '@jest/globals'
import { workspaceRoot } from '../src/index.ts'

let root: string
let nodeOptions: string

/** A clone with nothing but the two launchers, a lockfile, and an npx that only pretends. */
beforeEach(() => {
  nodeOptions = ''
  root = mkdtempSync(join(tmpdir(), 'freshet-bootstrap-'))
  for (const path of ['infra/local', 'packages/cli/bin', 'packages/cli/src', 'fake'])
    mkdirSync(join(root, path), { recursive: true })
  for (const file of ['infra/local/bootstrap.mjs', 'packages/cli/bin/freshet.mjs']) {
    copyFileSync(join(workspaceRoot, file), join(root, file))
  }
  write('package.json', JSON.stringify({ type: 'module', packageManager: 'pnpm@1.2.3' }))
  write('pnpm-lock.yaml', 'one')
  write('pnpm-workspace.yaml', '')
  write('packages/cli/src/main.ts', "console.log('cli', ...process.argv.slice(2))\nprocess.exitCode = 7\n")
  npx(`
    echo "$@" >> installs
    sleep 0.3
    mkdir -p node_modules/.bin
    ln -sf '${process.execPath}' node_modules/.bin/node
  `)
})

afterEach(() => rmSync(root, { recursive: true }))

test('installs once, hands over its arguments, and ends with the exit code of the command', async () => {
  expect(await bootstrap('start', '--scale', 'm')).toMatchObject({ code: 7, stdout: 'cli start --scale m\n' })
  expect(await bootstrap('status')).toMatchObject({ code: 7, stdout: 'cli status\n', stderr: '' })
  expect(installs()).toEqual(['--yes pnpm@1.2.3 install --frozen-lockfile'])
})

test('installs again when the lockfile has changed', async () => {
  await bootstrap('status')
  write('pnpm-lock.yaml', 'two')
  expect((await bootstrap('status')).stderr).toMatch(/installing the packages with pnpm@1\.2\.3/)
  expect(installs()).toHaveLength(2)
})

test('two commands at once in a new clone install once', async () => {
  const both = await Promise.all([bootstrap('up'), bootstrap('status')])
  expect(both.map(({ code }) => code)).toEqual([7, 7])
  expect(installs()).toHaveLength(1)
})

test('a lock that a killed installation left is taken over', async () => {
  mkdirSync(join(root, '.freshet', 'install.lock'), { recursive: true })
  write('.freshet/install.lock/pid', '999999999')
  expect(await bootstrap('status')).toMatchObject({ code: 7 })
})

test('a lock that is given back while somebody looks at it is taken', async () => {
  mkdirSync(join(root, '.freshet', 'install.lock'), { recursive: true })
  write(
    'release.mjs',
    `import fs from 'node:fs'
    import { syncBuiltinESMExports } from 'node:module'
    const read = fs.readFileSync
    fs.readFileSync = (path, ...rest) => {
      if (String(path).endsWith('pid')) fs.rmSync('.freshet/install.lock', { recursive: true, force: true })
      return read(path, ...rest)
    }
    syncBuiltinESMExports()`,
  )
  nodeOptions = `--import ${join(root, 'release.mjs')}`
  expect(await bootstrap('status')).toMatchObject({ code: 7, stdout: 'cli status\n' })
})

test('an installation that fails says why, keeps its log, and is tried again', async () => {
  npx('echo noise; echo "ERR no network" >&2; exit 3')
  const failed = await bootstrap('start')
  expect(failed).toMatchObject({ code: 1, stdout: '' })
  expect(failed.stderr).toMatch(
    /could not be installed:\n {4}\| noise\n {4}\| ERR no network\nIs the network there/,
  )
  expect(readFileSync(join(root, '.freshet', 'install.log'), 'utf8')).toContain('ERR no network')
  expect(existsSync(join(root, '.freshet', 'install.lock'))).toBe(false)
})

test('a signal reaches the command, which decides how to end', async () => {
  write(
    'packages/cli/src/main.ts',
    "process.on('SIGTERM', () => { console.log('asked'); process.exit(5) })\nsetInterval(() => {}, 1000)\nconsole.log('ready')\n",
  )
  const ended = await bootstrap('start', (child, stdout) => {
    if (stdout === 'ready\n') child.kill('SIGTERM')
  })
  expect(ended).toMatchObject({ code: 5, stdout: 'ready\nasked\n' })
})

type Ended = { code: number | null; stdout: string; stderr: string }
type OnOutput = (child: ReturnType<typeof spawn>, stdout: string) => void

function bootstrap(...args: (string | OnOutput)[]): Promise<Ended> {
  const onOutput = args.find((one) => typeof one === 'function')
  const words = args.filter((one) => typeof one === 'string')
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [join(root, 'infra/local/bootstrap.mjs'), ...words], {
      env: { ...process.env, PATH: `${join(root, 'fake')}:${process.env.PATH}`, NODE_OPTIONS: nodeOptions },
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const ended: Ended = { code: null, stdout: '', stderr: '' }
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      ended.stdout += text
      onOutput?.(child, ended.stdout)
    })
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      ended.stderr += text
    })
    child.once('close', (code) => resolve({ ...ended, code }))
  })
}

function installs(): string[] {
  return readFileSync(join(root, 'installs'), 'utf8').trimEnd().split('\n')
}

function npx(script: string): void {
  write('fake/npx', `#!/bin/sh\n${script}\n`)
  chmodSync(join(root, 'fake/npx'), 0o755)
}

function write(file: string, text: string): void {
  writeFileSync(join(root, file), text)
}

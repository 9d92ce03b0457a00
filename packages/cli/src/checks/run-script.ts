import { spawn } from 'node:child_process'
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { constants, setPriority } from 'node:os'
import { join } from 'node:path'
import { workspaceRoot } from '@freshet/local'

type CommandOptions = { signal: AbortSignal; env?: NodeJS.ProcessEnv; priority?: number }

/** How one check ended. */
export type CheckResult = { name: string; ok: boolean; seconds: number; output: string }

/** Runs a script of the root's package.json, at the lowest priority: it waits for whatever else has work. */
export async function runScript(name: string, signal: AbortSignal): Promise<CheckResult> {
  return runCheck(name, scriptNamed(name), { signal, priority: constants.priority.PRIORITY_LOW })
}

/** Runs a command line; its whole output also goes to `.freshet/checks/<name>.log`. */
export async function runCheck(name: string, script: string, options: CommandOptions): Promise<CheckResult> {
  const began = Date.now()
  const { code, output } = await runCommand(script, options)
  const folder = join(workspaceRoot, '.freshet', 'checks')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(folder, `${name}.log`), output)
  return { name, ok: code === 0, seconds: (Date.now() - began) / 1000, output }
}

/** The environment in which the workspace's own tools come first. */
export function toolEnvironment(): NodeJS.ProcessEnv {
  return {
    ...process.env,
    PATH: `${join(workspaceRoot, 'node_modules', '.bin')}:${process.env.PATH}`,
    NO_COLOR: '1',
    TURBO_TELEMETRY_DISABLED: '1',
    DO_NOT_TRACK: '1',
  }
}

function scriptNamed(name: string): string {
  const { scripts } = JSON.parse(readFileSync(join(workspaceRoot, 'package.json'), 'utf8')) as {
    scripts: Record<string, string>
  }
  const script = scripts[name]
  if (script === undefined) throw new Error(`package.json has no script ${name}`)
  return script
}

function runCommand(
  script: string,
  { signal, env = {}, priority = 0 }: CommandOptions,
): Promise<{ code: number | null; output: string }> {
  return new Promise((resolve) => {
    // A group of its own: an interruption ends the tool's own children too.
    const child = spawn('/bin/sh', ['-c', script], {
      cwd: workspaceRoot,
      env: { ...toolEnvironment(), ...env },
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    // The tool that the shell starts inherits it.
    if (child.pid !== undefined && priority !== 0) setPriority(child.pid, priority)
    const stop = () => {
      if (child.pid !== undefined && child.exitCode === null) process.kill(-child.pid, 'SIGTERM')
    }
    signal.addEventListener('abort', stop, { once: true })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) {
      stream.setEncoding('utf8').on('data', (text: string) => {
        output += text
      })
    }
    child.once('error', (error) => resolve({ code: null, output: error.message }))
    child.once('close', (code) => {
      signal.removeEventListener('abort', stop)
      resolve({ code, output })
    })
  })
}

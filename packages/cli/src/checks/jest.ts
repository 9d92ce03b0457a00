import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { workspaceRoot } from '@freshet/local'
import { toolEnvironment } from './run-script.ts'

/** What jest counted. A file that could not even be loaded counts as one failure. */
export type JestResult = { passed: number; failed: number; skipped: number }

// Everything has been reported by then; what is still open (a socket, a timer) is a leak in some test.
const lingerMs = 30_000

/** Runs jest with its own report on the terminal. */
export async function runJest(patterns: readonly string[], signal: AbortSignal): Promise<JestResult> {
  const folder = join(workspaceRoot, '.freshet', 'checks')
  mkdirSync(folder, { recursive: true })
  const report = join(folder, 'jest.json')
  rmSync(report, { force: true })
  const jest = join(workspaceRoot, 'node_modules', 'jest', 'bin', 'jest.js')
  const child = spawn(
    process.execPath,
    [
      '--experimental-vm-modules',
      jest,
      '--json',
      `--outputFile=${report}`,
      '--passWithNoTests=false',
      ...patterns,
    ],
    {
      cwd: workspaceRoot,
      stdio: ['ignore', 'ignore', 'inherit'],
      env: {
        ...toolEnvironment(),
        // jest's workers take it from here: ESM in jest is experimental.
        NODE_OPTIONS: '--disable-warning=ExperimentalWarning',
      },
    },
  )
  const stop = () => child.kill('SIGTERM')
  signal.addEventListener('abort', stop, { once: true })
  let lingered = false
  const linger = setInterval(() => {
    if (!existsSync(report)) return
    clearInterval(linger)
    setTimeout(() => {
      lingered = true
      child.kill('SIGKILL')
    }, lingerMs).unref()
  }, 500)
  const code = await new Promise<number | null>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (exitCode) => resolve(exitCode))
  })
  clearInterval(linger)
  signal.removeEventListener('abort', stop)
  return count(report, { code, lingered })
}

function count(report: string, ended: { code: number | null; lingered: boolean }): JestResult {
  if (!existsSync(report)) return { passed: 0, failed: 1, skipped: 0 }
  const result = JSON.parse(readFileSync(report, 'utf8')) as {
    numPassedTests: number
    numFailedTests: number
    numPendingTests: number
    numTodoTests: number
    numRuntimeErrorTestSuites: number
  }
  if (ended.lingered) process.stderr.write(`jest did not end by itself: some test leaves something open\n`)
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites + (ended.lingered ? 1 : 0)
  return {
    passed: result.numPassedTests,
    // An exit code without a failed test is a failure all the same (a global set-up, a threshold).
    failed: failed === 0 && ended.code !== 0 ? 1 : failed,
    skipped: result.numPendingTests + result.numTodoTests,
  }
}

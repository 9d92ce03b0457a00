import { layoutOf, pruneProfiles, stopAbandoned, stopOwn, up } from '@freshet/local'
import { Command } from 'commander'
import { checkGeneratedCode } from '../checks/generated-code.ts'
import { runJest } from '../checks/jest.ts'
import { type CheckResult, runScript } from '../checks/run-script.ts'
import { listenForInterrupts } from '../interrupts.ts'
import { say, secondsSince } from '../say.ts'

const scripts = ['typecheck', 'lint', 'unused', 'structure']
const shownLines = 60

/** `freshet test`. */
export const testCommand = new Command('test')
  .summary('run every check and every test')
  .description(
    'Without a pattern: generated code, then all tests, and beside them format and lint, types, structure, unused code. With patterns: only the test files whose path matches one.\nStarts the parts of the profile test if they do not run, and then stops them at the end. The last line is `N passed, N failed`; the exit code is 1 when anything failed.',
  )
  .argument('[patterns...]', 'regular expressions for paths of test files')
  .action(async (patterns: string[]) => {
    const began = Date.now()
    const { signal, interrupted } = listenForInterrupts()
    const layout = layoutOf('test')
    let passed = 0
    let failed = 0
    try {
      await stopAbandoned('system-')
      pruneProfiles('system-')
      const { postgresAdminUrl } = await up({ profile: 'test', report: say, signal })
      const results: CheckResult[] = []
      if (patterns.length === 0 && !signal.aborted) {
        // Alone, because all others read the files that it writes.
        results.push(await checkGeneratedCode(postgresAdminUrl, signal))
      }
      if (!signal.aborted) {
        const [tests, checks] = await Promise.all([
          runJest(patterns, signal),
          patterns.length === 0 ? runScripts(signal) : [],
        ])
        // Only now: jest has had the terminal.
        for (const result of [...results, ...checks]) {
          show(result)
          if (result.ok) passed += 1
          else failed += 1
        }
        passed += tests.passed
        failed += tests.failed
        if (tests.skipped > 0) say(`${tests.skipped} skipped`)
      }
    } catch (error) {
      if (!signal.aborted) throw error
    } finally {
      await stopOwn(layout)
      await stopAbandoned('system-')
    }
    if (signal.aborted) {
      await interrupted
      process.exitCode = 130
      return
    }
    say(`everything took ${secondsSince(began)}`)
    say(`${passed} passed, ${failed} failed`)
    if (failed > 0) process.exitCode = 1
  })

// One after another and beside the tests: these often wait, and this takes only what they leave of the cores.
async function runScripts(signal: AbortSignal): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const name of scripts) {
    if (!signal.aborted) results.push(await runScript(name, signal))
  }
  return results
}

function show(result: CheckResult): void {
  say(`${result.ok ? 'ok  ' : 'FAIL'} ${result.name} (${result.seconds.toFixed(1)} s)`)
  if (!result.ok) {
    const lines = result.output.trimEnd().split('\n')
    for (const line of lines.slice(0, shownLines)) say(`    ${line}`)
    if (lines.length > shownLines)
      say(`    ... ${lines.length - shownLines} more lines in .freshet/checks/${result.name}.log`)
  }
}

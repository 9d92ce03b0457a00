import { layoutOf, type Parts, pruneProfiles, stopAbandoned, stopOwn, up } from '@freshet/local'
import { Command } from 'commander'
import { checkGeneratedCode } from '../checks/generated-code.ts'
import { runJest } from '../checks/jest.ts'
import { type CheckResult, runScript } from '../checks/run-script.ts'
import { listenForInterrupts } from '../interrupts.ts'
import { say, secondsSince } from '../say.ts'

// The slowest first: the two lanes end at about the same time.
const scripts = ['typecheck', 'lint', 'unused', 'structure']
const shownLines = 60

/** `freshet test`. */
export const testCommand = new Command('test')
  .summary('run every check and every test')
  .description(
    'Without a pattern: format and lint, types, structure, unused code, generated code, then all tests. With patterns: only the test files whose path matches one.\nStarts the parts of the profile test if they do not run, and then stops them at the end. The last line is `N passed, N failed`; the exit code is 1 when anything failed.',
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
      const started = up({ profile: 'test', report: say, signal })
      // Its failure is heard of when it is awaited below, after the checks that need no parts.
      started.catch(() => {})
      if (patterns.length === 0) {
        for (const result of await runChecks(started, signal)) {
          if (result.ok) passed += 1
          else failed += 1
        }
      }
      await started
      if (!signal.aborted) {
        const tests = await runJest(patterns, signal)
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

// Two at a time, one for each core that a small machine has.
async function runChecks(parts: Promise<Parts>, signal: AbortSignal): Promise<CheckResult[]> {
  const waiting = [...scripts]
  const results: CheckResult[] = []
  const lane = async () => {
    for (let name = waiting.shift(); name !== undefined && !signal.aborted; name = waiting.shift()) {
      results.push(show(await runScript(name, signal)))
    }
  }
  await Promise.all([lane(), lane()])
  if (signal.aborted) return results
  // Alone, because the others read the files that it writes; after the parts, because it reads tables.
  const { postgresAdminUrl } = await parts
  results.push(show(await checkGeneratedCode(postgresAdminUrl, signal)))
  return results
}

function show(result: CheckResult): CheckResult {
  say(`${result.ok ? 'ok  ' : 'FAIL'} ${result.name} (${result.seconds.toFixed(1)} s)`)
  if (!result.ok) {
    const lines = result.output.trimEnd().split('\n')
    for (const line of lines.slice(0, shownLines)) say(`    ${line}`)
    if (lines.length > shownLines)
      say(`    ... ${lines.length - shownLines} more lines in .freshet/checks/${result.name}.log`)
  }
  return result
}

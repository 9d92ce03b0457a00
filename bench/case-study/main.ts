import { access, constants, mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { explain } from '@freshet/local'
import type { ScaleName } from '@freshet/seed'
import { Command } from 'commander'
import { positive, scale, someOf } from '../option-values.ts'
import { runCaseStudy } from './case-study.ts'
import { ratesOf } from './rates.ts'
import { toReport } from './report/report.ts'
import { toText } from './report/text.ts'
import { judge } from './report/verdicts.ts'
import { STEPS, type Step } from './steps.ts'

const options = new Command('case-study')
  .description(
    'The platform as it was and as it is: the same data, requests and answers, step by step, from calm to a sale. It takes 45 minutes, for at scale m the platform as it was is as slow as the story has it. --scale s takes 18, but there it is fast in a calm: some aims are missed.',
  )
  .option('--scale <scale>', 'how much data', scale, 'm')
  .option('--steps <list>', `some of ${STEPS.join(',')}`, someOf(STEPS), [...STEPS])
  .option('--seconds <n>', 'length of a load, at least', positive, 15)
  .option(
    '--rates <list>',
    'arrivals in a second, of which the lowest is calm; left out: 0.1,1.5,20 at scale m, elsewhere by what the first step can do',
    ratesOf,
  )
  .option('--no-highest', "don't look for the highest rates that are held")
  .option('--output <folder>', 'where to write report.html and its drawings')
  .parse()
  .opts<{
    scale: ScaleName
    steps: Step[]
    seconds: number
    rates?: number[]
    highest: boolean
    output?: string
  }>()

const interrupt = new AbortController()
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => interrupt.abort())

const say = (line: string) => process.stderr.write(`${line}\n`)
try {
  // Before the run: afterwards it would be too late to name another.
  if (options.output !== undefined) {
    await mkdir(options.output, { recursive: true })
    await access(options.output, constants.W_OK)
  }
  const study = await runCaseStudy({ ...options, signal: interrupt.signal, say })
  const verdicts = judge(study)
  if (options.output !== undefined) {
    const { html, drawings } = toReport(study, verdicts)
    await writeFile(join(options.output, 'report.html'), html)
    for (const { name, svg } of drawings) await writeFile(join(options.output, `${name}.svg`), svg)
  }
  process.stdout.write(`${toText(study, verdicts)}\n`)
  process.stdout.write(`${JSON.stringify({ bench: 'case-study', ...study, verdicts })}\n`)
} catch (error) {
  say(interrupt.signal.aborted ? 'interrupted: what it had made is removed' : explain(error))
  process.exitCode = interrupt.signal.aborted ? 130 : 1
}
// Everything is closed. But Node has been seen to wait for ever, at its very end, for the handle of a child that was killed.
process.exit()

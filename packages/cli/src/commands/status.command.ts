import { relative } from 'node:path'
import { type EndedProcess, knownProfiles, status } from '@freshet/local'
import { Command } from 'commander'
import { say } from '../say.ts'
import { hidePassword } from '../urls.ts'
import { anyProfileOption } from './profile-option.ts'

/** What to do with services that have outlived their launcher, which was killed. */
export const abandonedAdvice =
  'The launcher (`npm start`) of the abandoned ones was killed: they work, but nobody starts them again when they end. `npm start` ends them and starts them anew; `npx freshet down` only ends them.'

/** `freshet status`. */
export const statusCommand = new Command('status')
  .summary('show what runs, where, and whether it answers')
  .description(
    'Asks every process that this clone started. Exits with 1 when one does not answer, has ended or was abandoned by its launcher, or none runs.',
  )
  .addOption(anyProfileOption())
  .option('--json', 'for programs: with passwords')
  .action(async (options: { profile?: string; json?: boolean }) => {
    const profiles = options.profile === undefined ? knownProfiles() : [options.profile]
    const found = await Promise.all(
      profiles.map(async (profile) => (await status(profile)).map((one) => ({ profile, ...one }))),
    )
    const all = found.flat()
    if (options.json) {
      const plain = all.map(({ profile, record, problem, launcherGone, ended }) => ({
        profile,
        name: record.name,
        kind: record.kind,
        pid: record.pid,
        url: record.url,
        log: record.log,
        problem,
        launcherGone,
        endedAt: ended?.at ?? null,
      }))
      say(JSON.stringify(plain, null, 2))
    } else if (all.length === 0) {
      say('nothing is running; `npm start` or `npx freshet up` starts it')
    } else {
      for (const { profile, record, problem, launcherGone, ended } of all) {
        const answer = problem === null ? 'ready' : `NOT READY: ${problem}`
        const state = ended ? endOf(ended) : `${answer}${launcherGone ? ', ABANDONED' : ''}`
        say(
          `${profile.padEnd(6)} ${record.name.padEnd(10)} ${String(record.pid).padEnd(8)} ${hidePassword(record.url)}  ${state}`,
        )
      }
      if (all.some(({ launcherGone }) => launcherGone)) say(abandonedAdvice)
    }
    if (all.length === 0 || all.some(({ problem, launcherGone }) => problem !== null || launcherGone))
      process.exitCode = 1
  })

function endOf({ reason, at, log }: EndedProcess): string {
  const when = at.slice(0, 19).replace('T', ' ')
  const how = reason === null ? `nobody saw how; noticed ${when} UTC` : `it ${reason}, ${when} UTC`
  return `ENDED (${how}); log: ${relative(process.cwd(), log)}`
}

import { down, knownProfiles, removeProfile } from '@freshet/local'
import { Command } from 'commander'
import { say, secondsSince } from '../say.ts'
import { anyProfileOption } from './profile-option.ts'

/** `freshet down`. */
export const downCommand = new Command('down')
  .summary('stop everything that this clone started')
  .description(
    'Stops services and parts, also those of a launcher that was killed, and returns when their processes are gone.\nData stays unless it is told otherwise. Parts that FRESHET_* variables name are not touched, nor is what other clones use, too (Kafka in ~/.cache/freshet, ~/.m2, the store of packages: the README says how to remove it).',
  )
  .addOption(anyProfileOption())
  .option('--delete-data', 'then delete the data too: the next start begins anew')
  .action(async (options: { profile?: string; deleteData?: boolean }) => {
    const began = Date.now()
    const profiles = options.profile === undefined ? knownProfiles() : [options.profile]
    let stopped = 0
    for (const profile of profiles) {
      const records = await down({
        profile,
        onStop: ({ name, pid }) => say(`stopped ${name} (process ${pid})`),
      })
      stopped += records.length
      if (options.deleteData) {
        await removeProfile(profile)
        say(`deleted the data of ${profile}`)
      }
    }
    say(stopped === 0 ? 'nothing was running' : `down in ${secondsSince(began)}`)
  })

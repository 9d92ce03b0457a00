import type { PartName } from '@freshet/local'
import { Argument, Command } from 'commander'
import { addressOf } from '../part-address.ts'
import { say } from '../say.ts'
import { serviceDatabase } from '../service-database.ts'
import { existingProfileOption } from './profile-option.ts'

const parts: PartName[] = ['postgres', 'redis', 'kafka']

/** `freshet url`. */
export const urlCommand = new Command('url')
  .summary('print the address of a part, with its password')
  .description(
    'For other programs: psql "$(npx freshet url postgres)", redis-cli -u "$(npx freshet url redis)". Elsewhere passwords are shown as stars.\nOf PostgreSQL it is the superuser\'s, of the database in which the services are.',
  )
  .addArgument(new Argument('<part>').choices(parts))
  .addOption(existingProfileOption())
  .action((part: PartName, { profile }: { profile: string }) => {
    const address = addressOf(part, profile)
    say(part === 'postgres' ? serviceDatabase(address) : address)
  })

import { knownProfiles } from '@freshet/local'
import { InvalidArgumentError, Option } from 'commander'
import { say } from '../say.ts'

const flags = '-p, --profile <name>'

/** `--profile` of a command that starts something: one that is not there yet begins, and {@link sayIfNew} says so. */
export function profileOption(): Option {
  return new Option(flags, 'which set of parts: dev keeps its data, every other one is disposable').default(
    'dev',
  )
}

/** `--profile` of a command that looks at what is there: a name that is not is a typing error. */
export function existingProfileOption(): Option {
  return new Option(flags, 'which set of parts').default('dev').argParser(existing)
}

/** The same, where without it all of them are meant. */
export function anyProfileOption(): Option {
  return new Option(flags, 'only this set of parts (default: all of them)').argParser(existing)
}

/** To be called before anything of the profile is touched. */
export function sayIfNew(profile: string): void {
  if (!profiles().includes(profile)) say(`${profile} is a new profile: it begins empty`)
}

function existing(name: string): string {
  if (profiles().includes(name)) return name
  throw new InvalidArgumentError(`There is no such profile; there are ${profiles().join(', ')}.`)
}

// `dev` is what every command means that is not told otherwise, also before its first start.
function profiles(): string[] {
  return [...new Set(['dev', ...knownProfiles()])]
}

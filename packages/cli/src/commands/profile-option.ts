import { Option } from 'commander'

/** `--profile`, the same for every command that has it. */
export function profileOption(): Option {
  return new Option(
    '-p, --profile <name>',
    'which set of parts: dev keeps its data, test is disposable',
  ).default('dev')
}

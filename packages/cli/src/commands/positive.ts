import { InvalidArgumentError } from 'commander'

/** For an option that counts something. */
export function positive(value: string): number {
  const count = Number(value)
  if (!Number.isInteger(count) || count < 1) throw new InvalidArgumentError('It must be a number above 0.')
  return count
}

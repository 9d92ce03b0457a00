import { badUserInput, boundedText, currencyInput } from '@freshet/subgraph'
import type { ProfileChanges } from './account.repository.ts'

/*
 * What clients may say about an account. Each reader returns the value as it is stored, or throws an
 * error that names the argument. Lengths are checked before anything that takes time in proportion.
 */

/** Longest address that mail can be sent to (RFC 5321, 4.5.3.1.3, without the angle brackets). */
const LONGEST_EMAIL = 254
/** Spaces and control characters hide in addresses that look alike; one @ with a dotted domain after it. */
const EMAIL = /^[^\s\p{C}@]{1,64}@[^\s\p{C}@.]+(\.[^\s\p{C}@.]+)+$/u

/** Trimmed, lower case, NFC: two spellings of one address are one account. */
export function readEmail(value: string, argument: string): string {
  // Room for spaces around it, which are no part of it.
  const given = boundedText(value, { argument, min: 1, max: LONGEST_EMAIL + 64 })
  const email = given.trim().toLowerCase().normalize('NFC')
  if (email.length > LONGEST_EMAIL) {
    throw badUserInput(argument, `\`${argument}\` must have at most ${LONGEST_EMAIL} characters`)
  }
  if (!EMAIL.test(email)) throw badUserInput(argument, `\`${argument}\` must be an e-mail address`)
  return email
}

const SHORTEST_PASSWORD = 10
/** Bounds the work that hashing takes; far beyond any passphrase. */
const LONGEST_PASSWORD = 200

export function readNewPassword(value: string, argument: string): string {
  return boundedText(value, { argument, min: SHORTEST_PASSWORD, max: LONGEST_PASSWORD })
}

/** For signing in: a short one is merely wrong; what may be chosen today says nothing about older ones. */
export function readPassword(value: string, argument: string): string {
  return boundedText(value, { argument, min: 0, max: LONGEST_PASSWORD })
}

export function readHandle(value: string, argument: string): string {
  const handle = boundedText(value, { argument, min: 3, max: 30 })
  if (/^[a-z][a-z0-9-]+$/.test(handle)) return handle
  throw badUserInput(argument, `\`${argument}\` must have only a-z, 0-9 and dashes, and begin with a letter`)
}

/** Line breaks and the like, and marks that turn the direction of what follows: a name must not reach beyond itself. */
const UNRULY = /[\p{Cc}\u2028\u2029\u202a-\u202e\u2066-\u2069]/u

export function readDisplayName(value: string, argument: string): string {
  const given = boundedText(value, { argument, min: 1, max: 160 })
  const name = boundedText(given.trim().normalize('NFC'), { argument, min: 1, max: 80 })
  if (UNRULY.test(name)) throw badUserInput(argument, `\`${argument}\` must not have control characters`)
  return name
}

const LONGEST_URL = 2000

function readAvatarUrl(value: string, argument: string): string {
  const given = boundedText(value, { argument, min: 1, max: LONGEST_URL })
  const url = URL.parse(given)
  if (url === null || url.protocol !== 'https:' || url.username !== '' || url.password !== '') {
    const message = `\`${argument}\` must be an https address, without user name or password`
    throw badUserInput(argument, message)
  }
  // The canonical form may be longer: it encodes what was written plainly.
  return boundedText(url.href, { argument, min: 1, max: LONGEST_URL })
}

function readLocale(value: string, argument: string): string {
  const given = boundedText(value, { argument, min: 2, max: 35 })
  try {
    return Intl.getCanonicalLocales(given)[0]!
  } catch {
    throw badUserInput(argument, `\`${argument}\` must be a BCP 47 language tag, such as de-CH`)
  }
}

export interface ProfileInput {
  readonly displayName?: string | null
  readonly avatarUrl?: string | null
  readonly locale?: string | null
  readonly currency?: string | null
  readonly priceDropNotifications?: boolean | null
}

/** Left out means "stays"; null removes where that makes sense, and is refused where it doesn't. */
export function readProfileChanges(input: ProfileInput): ProfileChanges {
  const read = <T, R>(
    name: keyof ProfileInput,
    value: T | null | undefined,
    reader: (value: T, argument: string) => R,
  ) => {
    if (value === undefined) return undefined
    if (value === null) {
      throw badUserInput(`input.${name}`, `\`input.${name}\` can't be null; leave it out to keep it`)
    }
    return reader(value, `input.${name}`)
  }
  return {
    displayName: read('displayName', input.displayName, readDisplayName),
    avatarUrl: input.avatarUrl === null ? null : read('avatarUrl', input.avatarUrl, readAvatarUrl),
    locale: read('locale', input.locale, readLocale),
    currency: read('currency', input.currency, currencyInput),
    priceDropNotifications: read('priceDropNotifications', input.priceDropNotifications, (flag) => flag),
  }
}

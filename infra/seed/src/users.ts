import { slugOf } from './categories.ts'
import { createRandom, createZipf, type Random } from './random.ts'
import { FAMILY_NAMES, GIVEN_NAMES, PLACES } from './words.ts'

export interface Account {
  id: number
  handle: string
  email: string
  displayName: string
  roles: ('CUSTOMER' | 'SELLER' | 'ADMIN')[]
  locale: string
  currency: string
  createdAt: Date
}

export interface Address {
  id: number
  userId: number
  recipient: string
  lines: string[]
  city: string
  postalCode: string
  country: string
}

export interface WishlistItem {
  id: number
  userId: number
  productId: number
  addedAt: Date
}

/** Whom anybody can sign in as; README names them. The first three accounts, in this order. */
export const DEMO_ACCOUNTS = [
  { handle: 'demo', roles: ['CUSTOMER'] },
  { handle: 'seller', roles: ['CUSTOMER', 'SELLER'] },
  { handle: 'admin', roles: ['CUSTOMER', 'ADMIN'] },
] as const
export const DEMO_PASSWORD = 'freshet-demo-1'

/** Accounts by id from 1; one in twenty sells. */
export function generateAccounts(options: { seed: number; count: number; until: Date }): Account[] {
  const random = createRandom(options.seed, 'accounts')
  return Array.from({ length: options.count }, (_, index) => {
    const id = index + 1
    const demo = DEMO_ACCOUNTS[index]
    const displayName = `${random.pick(GIVEN_NAMES)} ${random.pick(FAMILY_NAMES)}`
    const handle = demo?.handle ?? `${handleStem(displayName)}-${id}`
    const sells = random.chance(0.05)
    return {
      id,
      handle,
      email: `${handle}@freshet.example`,
      displayName,
      roles: demo ? [...demo.roles] : sells ? ['CUSTOMER', 'SELLER'] : ['CUSTOMER'],
      locale: random.pick(['en-US', 'en-GB', 'de-CH', 'fr-CA', 'ja-JP', 'pt-BR', 'tr-TR']),
      currency: demo ? 'USD' : (random.pick(['USD', 'USD', 'USD', 'USD', 'EUR', 'EUR', 'JPY']) as string),
      createdAt: new Date(options.until.getTime() - random.integer(1, 900 * 86_400) * 1_000),
    } satisfies Account
  })
}

export function* generateAddresses(seed: number, accounts: readonly Account[]): Generator<Address> {
  const random = createRandom(seed, 'addresses')
  let id = 1
  for (const account of accounts) {
    const [city, postalCode, country] = random.pick(PLACES)
    yield {
      id: id++,
      userId: account.id,
      recipient: account.displayName,
      lines: [`${random.integer(1, 240)} ${random.pick(FAMILY_NAMES)} Street`],
      city,
      postalCode,
      country,
    }
  }
}

/** Six wishes for the average account, popular products more often; each product once. */
export function* generateWishlists(options: {
  seed: number
  accounts: readonly Account[]
  productsByRank: Uint32Array
  until: Date
}): Generator<WishlistItem> {
  const random = createRandom(options.seed, 'wishlists')
  const zipf = createZipf(options.productsByRank.length, 0.9)
  let id = 1
  for (const account of options.accounts) {
    for (const productId of wishes(random, options.productsByRank, zipf)) {
      const days = random.unit() * 120
      yield {
        id: id++,
        userId: account.id,
        productId,
        addedAt: new Date(options.until.getTime() - Math.floor(days * 86_400_000)),
      }
    }
  }
}

function wishes(
  random: Random,
  productsByRank: Uint32Array,
  zipf: ReturnType<typeof createZipf>,
): Set<number> {
  const chosen = new Set<number>()
  const count = random.poisson(6)
  for (let i = 0; i < count; i++) chosen.add(productsByRank[zipf.draw(random)] as number)
  return chosen
}

/** Handles hold a-z, digits and dashes and begin with a letter; a name of another script has none. */
function handleStem(name: string): string {
  const stem = slugOf(name.replace(/[øØ]/g, 'o').replace(/[łŁ]/g, 'l').replace(/[ıİ]/g, 'i'))
  return /^[a-z]/.test(stem) ? stem.slice(0, 20).replace(/-$/, '') : 'user'
}

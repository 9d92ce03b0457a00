import { createRandom, createZipf, type Random } from './random.ts'

export interface Activity {
  activityId: string
  kind: 'VIEW' | 'CART_ADD' | 'PURCHASE'
  productId: number
  userId: number | null
  quantity: number
  occurredAt: Date
}

export const ACTIVITY_DAYS = 120

/** Relative traffic by hour of the day (UTC) and by day of the week (Sunday first). */
const HOURS = [2, 1, 1, 1, 1, 2, 3, 5, 7, 8, 8, 9, 10, 9, 8, 8, 9, 10, 12, 14, 15, 13, 9, 5]
const WEEKDAYS = [13, 10, 9, 9, 10, 11, 13]

/** Events of the 120 days before `until`, the oldest first. Most are views of popular products by guests. */
export function* generateActivity(options: {
  seed: number
  count: number
  productsByRank: Uint32Array
  userCount: number
  until: Date
}): Generator<Activity> {
  const random = createRandom(options.seed, 'activity')
  const productZipf = createZipf(options.productsByRank.length, 1.05)
  const userZipf = createZipf(options.userCount, 0.5)
  const firstHour = options.until.getTime() - ACTIVITY_DAYS * 86_400_000
  const weights = Array.from({ length: ACTIVITY_DAYS * 24 }, (_, hour) =>
    weightOf(new Date(firstHour + hour * 3_600_000)),
  )
  const total = weights.reduce((sum, weight) => sum + weight, 0)

  let made = 0
  let due = 0
  for (const [hour, weight] of weights.entries()) {
    due += (weight / total) * options.count
    const offsets = Array.from({ length: Math.round(due) - made }, () => random.integer(0, 3_599_999)).sort(
      (a, b) => a - b,
    )
    made += offsets.length
    for (const offset of offsets) {
      const kind = kindOf(random)
      yield {
        activityId: uuid(random),
        kind,
        productId: options.productsByRank[productZipf.draw(random)] as number,
        // Guests look, members buy.
        userId: kind === 'PURCHASE' || random.chance(0.4) ? userZipf.draw(random) + 1 : null,
        quantity: kind === 'PURCHASE' ? 1 + Math.min(9, random.poisson(0.3)) : 1,
        occurredAt: new Date(firstHour + hour * 3_600_000 + offset),
      }
    }
  }
}

function weightOf(time: Date): number {
  return (HOURS[time.getUTCHours()] as number) * (WEEKDAYS[time.getUTCDay()] as number)
}

function kindOf(random: Random): Activity['kind'] {
  const draw = random.unit()
  return draw < 0.9 ? 'VIEW' : draw < 0.97 ? 'CART_ADD' : 'PURCHASE'
}

/** Version 4's form, from the seed's stream. */
function uuid(random: Random): string {
  const digits = Array.from({ length: 4 }, () =>
    random
      .integer(0, 2 ** 32 - 1)
      .toString(16)
      .padStart(8, '0'),
  ).join('')
  const variant = '89ab'[Number.parseInt(digits[16] as string, 16) & 3]
  return `${digits.slice(0, 8)}-${digits.slice(8, 12)}-4${digits.slice(13, 16)}-${variant}${digits.slice(17, 20)}-${digits.slice(20)}`
}

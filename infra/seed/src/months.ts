import type pg from 'pg'
import { ACTIVITY_DAYS } from './activity.ts'

/** The first moment of the month that is `offset` months after `time`'s, in UTC. */
function monthOf(time: Date, offset: number): string {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + offset, 1)).toISOString()
}

/** Each month that has activity of a seed until then, and `ahead` more, as a half-open range. */
export function activityMonths(until: Date, ahead = 0): { from: string; to: string }[] {
  const first = -Math.ceil(ACTIVITY_DAYS / 28)
  return Array.from({ length: ahead - first + 1 }, (_, index) => ({
    from: monthOf(until, first + index),
    to: monthOf(until, first + index + 1),
  }))
}

/** Opens the years of activity that the seed fills, and of the next two months, as the service does. */
export async function createPartitions(client: pg.Client, until: Date): Promise<void> {
  const years = new Set(activityMonths(until, 2).map(({ from }) => Number(from.slice(0, 4))))
  for (const year of years) await client.query('select analytics.open_activity_year($1)', [year])
}

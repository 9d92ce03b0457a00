import type pg from 'pg'

/** The first moment of the month that is `offset` months after `time`'s, in UTC. */
function monthOf(time: Date, offset: number): string {
  return new Date(Date.UTC(time.getUTCFullYear(), time.getUTCMonth() + offset, 1)).toISOString()
}

/** Each month from `first` to `last`, counted from `until`'s, as a half-open range. */
export function monthsOf(until: Date, first: number, last: number): { from: string; to: string }[] {
  return Array.from({ length: last - first + 1 }, (_, index) => ({
    from: monthOf(until, first + index),
    to: monthOf(until, first + index + 1),
  }))
}

/** Opens the years of activity that the seed fills, and of the next two months, as the service does. */
export async function createPartitions(client: pg.Client, until: Date): Promise<void> {
  const years = new Set(monthsOf(until, -5, 2).map(({ from }) => Number(from.slice(0, 4))))
  for (const year of years) await client.query('select analytics.open_activity_year($1)', [year])
}

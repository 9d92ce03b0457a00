import type { PartitionedFacts } from '../facts/partitions.ts'
import { quoteName, sqlName } from '../sql-text.ts'

/** PostgreSQL cuts longer names off. */
const longestName = 63

/** Times of `FOR VALUES FROM ('2026-11-01 00:00:00+00') TO ('2026-12-01 00:00:00+00')`, in UTC as the audit's connection has it. */
export function endsOf(bound: string): { from: number | null; to: number | null } {
  return { from: timeAfter('FROM', bound), to: timeAfter(' TO', bound) }
}

function timeAfter(word: string, bound: string): number | null {
  if (new RegExp(`${word} \\((?:MAXVALUE|'infinity')`).test(bound)) return Number.POSITIVE_INFINITY
  const [, day, time = '00:00:00'] =
    new RegExp(`${word} \\('(\\d+-\\d+-\\d+)(?: ([\\d:.]+)(?:\\+00)?)?'`).exec(bound) ?? []
  const end = Date.parse(`${day}T${time}Z`)
  return Number.isNaN(end) ? null : end
}

/**
 * The statement that makes the partition of now, or the one that comes next: as long as the last one, and joined to it.
 * @param end of the last one
 */
export function nextPartition(table: PartitionedFacts, end: number, at: Date): string {
  const last = table.partitions.map(({ bound }) => endsOf(bound)).find(({ to }) => to === end)
  const next = stepOf(last?.from ?? null, end)
  // Of what was missed, only what is still written to: the rest is known to its owner alone.
  const missed = next.stepsUntil(at.getTime())
  const [from, to] = [next.after(missed), next.after(missed + 1)]
  const day = new Date(from).toISOString().slice(0, 10)
  const suffix = `_${(next.isByMonth ? day.slice(0, 7) : day).replaceAll('-', '_')}`
  const name = `${table.name.slice(0, longestName - suffix.length)}${suffix}`
  // Further columns of the key begin where they begin.
  const others = table.keyTypes.slice(1).map(() => ', minvalue')
  const bound = (time: number) => `('${literal(time, table.keyTypes[0] ?? '')}'${others.join('')})`
  return `create table ${quoteName(table.schema)}.${quoteName(name)} partition of ${sqlName(table)} for values from ${bound(from)} to ${bound(to)}`
}

interface Step {
  readonly isByMonth: boolean
  /** Where the partition begins that comes after so many others. */
  after(count: number): number
  stepsUntil(time: number): number
}

const day = 86_400_000

/** Months and years have no length in days; one whose beginning is open is followed by a month. */
function stepOf(from: number | null, end: number): Step {
  const [first, last] = [new Date(from ?? end), new Date(end)]
  const isStart = (date: Date) => date.getTime() % day === 0 && date.getUTCDate() === 1
  const count =
    12 * (last.getUTCFullYear() - first.getUTCFullYear()) + last.getUTCMonth() - first.getUTCMonth()
  if (isStart(first) && isStart(last)) {
    const months = count || 1
    const later = (steps: number) => Date.UTC(last.getUTCFullYear(), last.getUTCMonth() + steps * months)
    const until = (time: number) => {
      const to = new Date(time)
      const apart = 12 * (to.getUTCFullYear() - last.getUTCFullYear()) + to.getUTCMonth() - last.getUTCMonth()
      return Math.max(0, Math.floor(apart / months))
    }
    return { isByMonth: true, after: later, stepsUntil: until }
  }
  const length = end - first.getTime() || 30 * day
  return {
    isByMonth: false,
    after: (steps) => end + steps * length,
    stepsUntil: (time) => Math.max(0, Math.floor((time - end) / length)),
  }
}

function literal(time: number, type: string): string {
  const text = new Date(time).toISOString()
  if (type === 'date') return text.slice(0, 10)
  const local = `${text.slice(0, 10)} ${text.slice(11, 23)}`.replace(/\.000$/, '')
  return type.endsWith('with time zone') ? `${local}+00` : local
}

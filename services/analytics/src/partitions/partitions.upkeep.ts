import { asOperation } from '@freshet/database'
import { type Logger, meter, untraced } from '@freshet/telemetry'
import type { PartitionSteps, PartitionsRepository } from './partitions.repository.ts'

/** Rows in the default partition wait this long for their months. */
const INTERVAL_MS = 600_000
/** How far ahead, and how far back for what may still be counted (activity.events.ts), months are there. */
const MONTHS_AHEAD = 2
const MONTHS_BACK = 2

export interface PartitionUpkeep {
  /** Does it now, then at its interval. */
  start(): Promise<void>
  close(): Promise<void>
}

/**
 * Keeps the stream's partitions: makes months ahead, drains the default partition, and detaches and drops what retention
 * has ended. Safe to run in every process: one at a time does the work.
 */
export function createPartitionUpkeep(options: {
  repository: PartitionsRepository
  /** How many months are kept, this one included. */
  retentionMonths: number
  logger: Logger
}): PartitionUpkeep {
  const { repository, retentionMonths, logger } = options
  let timer: NodeJS.Timeout | undefined
  let running: Promise<void> = Promise.resolve()
  let closed = false

  /** Goes on after an error: months are there for two months more, and the age metric tells. */
  function turn(): Promise<void> {
    const work = () => keepPartitions(repository, { retentionMonths, now: new Date(), logger })
    running = untraced(() => asOperation('keep partitions', work))
      .then(() => {})
      .catch((error: unknown) => logger.error({ err: error }, "the activity's partitions could not be kept"))
      .finally(() => {
        if (!closed) timer = setTimeout(() => void turn(), INTERVAL_MS)
      })
    return running
  }

  observe(repository, () => closed)

  return {
    start: turn,
    async close() {
      closed = true
      clearTimeout(timer)
      await running
    },
  }
}

/** One turn; false if another process is at it. */
export async function keepPartitions(
  repository: PartitionsRepository,
  { retentionMonths, now, logger }: { retentionMonths: number; now: Date; logger: Logger },
): Promise<boolean> {
  const first = monthOf(now, 1 - retentionMonths)
  return repository.exclusively(async (steps) => {
    for (const year of await yearsToOpen(steps, first, now)) {
      const moved = await steps.openYear(year, first)
      if (moved > 0) logger.info({ year, rows: moved }, 'rows of the default partition have their months')
    }
    // What was interrupted goes first: a year detaches one month at a time.
    const months = (await steps.findMonths()).filter(({ month, isDetaching }) => isDetaching || month < first)
    for (const month of months.sort((a, b) => Number(b.isDetaching) - Number(a.isDetaching)))
      await steps.detach(month)
    const dropped = await steps.dropBefore(first)
    if (dropped.length > 0) logger.info({ partitions: dropped }, 'activity beyond retention is gone')
    await steps.markDone(now)
  })
}

/** Those that are needed, and those that rows wait for. What is of a later year waits until it comes. */
async function yearsToOpen(steps: PartitionSteps, first: string, now: Date): Promise<number[]> {
  const last = yearOf(monthOf(now, MONTHS_AHEAD))
  const waiting = await steps.findYearsInDefault()
  const years = new Set(waiting.filter((year) => year >= yearOf(first) && year <= last))
  for (let offset = -MONTHS_BACK; offset <= MONTHS_AHEAD; offset++) years.add(yearOf(monthOf(now, offset)))
  for (const year of await steps.findUnattachedYears()) years.add(year)
  return [...years].sort((a, b) => a - b)
}

/** `2026-11`, in UTC. */
function monthOf(now: Date, offset: number): string {
  return new Date(Date.UTC(now.getUTCFullYear(), now.getUTCMonth() + offset, 1)).toISOString().slice(0, 7)
}

const yearOf = (month: string) => Number(month.slice(0, 4))

function observe(repository: PartitionsRepository, isClosed: () => boolean): void {
  const own = meter('@freshet/analytics')
  const gauges = {
    months: own.createObservableGauge('freshet.analytics.partitions', {
      description: 'Months of activity that are attached',
    }),
    defaultRows: own.createObservableGauge('freshet.analytics.partitions.default_rows', {
      description: 'Rows of activity that no month takes',
    }),
    age: own.createObservableGauge('freshet.analytics.partitions.upkeep.age', {
      description: 'Seconds since partitions were made, drained and detached',
      unit: 's',
    }),
  }
  own.addBatchObservableCallback(async (result) => {
    if (isClosed()) return
    const { months, defaultRows, age } = await repository.inspect(new Date())
    result.observe(gauges.months, months)
    result.observe(gauges.defaultRows, defaultRows)
    if (age !== null) result.observe(gauges.age, age)
  }, Object.values(gauges))
}

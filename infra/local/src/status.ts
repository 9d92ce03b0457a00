import { reasonOf } from './errors.ts'
import type { PartName } from './external.ts'
import { isAlive } from './identity.ts'
import { pingKafka } from './kafka.ts'
import { layoutOf, type Profile } from './layout.ts'
import { pingRedis } from './ping-redis.ts'
import { pingPostgres } from './postgres.ts'
import { type EndedProcess, type ProcessRecord, readState } from './state.ts'

/** A recorded process and whether it answers (null), or what it says instead. */
export type ProcessStatus = {
  record: ProcessRecord
  problem: string | null
  /** A service whose `start` was killed: it runs, and nobody would start it again. (Parts need no launcher.) */
  launcherGone: boolean
  ended: EndedProcess | null
}

/** Whether a service has outlived its launcher; the next `up` ends it. */
export function isAbandoned({ kind, owner }: ProcessRecord): boolean {
  return kind !== 'part' && !isAlive(owner)
}

/** Asks every recorded process of a profile; with those that ended without being asked to. */
export async function status(profile: Profile): Promise<ProcessStatus[]> {
  const { processes, ended } = readState(layoutOf(profile))
  const asked = await Promise.all(
    processes.map(async (record) => {
      const launcherGone = isAbandoned(record)
      try {
        await ask(record)
        return { record, problem: null, launcherGone, ended: null }
      } catch (error) {
        return { record, problem: problemOf(record, error), launcherGone, ended: null }
      }
    }),
  )
  const gone = ended.map((one) => ({
    record: one,
    problem: one.reason ?? 'has ended',
    launcherGone: false,
    ended: one,
  }))
  return [...asked, ...gone]
}

// An answer says what is wrong itself; without one, the address is told, for there nobody may be listening.
function problemOf(record: ProcessRecord, error: unknown): string {
  if (error instanceof NotReadyError) return error.message
  const address = record.url.includes('://') ? new URL(record.url).host : record.url
  return `${address} does not answer (${reasonOf(error)})`
}

class NotReadyError extends Error {
  readonly code = 'NOT_READY'
}

async function ask(record: ProcessRecord): Promise<void> {
  if (record.kind !== 'part') return askService(record.url, record.pid)
  const pings: Record<PartName, () => Promise<void>> = {
    postgres: () => pingPostgres(record.url),
    redis: () => pingRedis(record.url),
    kafka: () => pingKafka(record.url.split(',')),
  }
  await pings[record.name as PartName]()
}

/** Resolves when the process itself says that it is ready; rejects with the checks that fail, or if another one answers. */
export async function askService(url: string, pid: number): Promise<void> {
  const response = await fetch(new URL('/readyz', url), { signal: AbortSignal.timeout(2_000) })
  const answering = Number(response.headers.get('x-process-id'))
  if (answering !== pid) {
    await response.body?.cancel()
    throw new NotReadyError(`another process${answering ? ` (${answering})` : ''} answers at ${url}`)
  }
  if (response.ok) {
    await response.body?.cancel()
    return
  }
  const text = await response.text()
  throw new NotReadyError(`/readyz answers ${response.status}: ${text.slice(0, 300)}`)
}

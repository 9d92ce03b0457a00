import type { PartName } from './external.ts'
import { pingKafka } from './kafka.ts'
import { layoutOf, type Profile } from './layout.ts'
import { pingRedis } from './ping-redis.ts'
import { pingPostgres } from './postgres.ts'
import { type EndedProcess, type ProcessRecord, readState } from './state.ts'

/** A recorded process and whether it answers (null), or what it says instead. */
export type ProcessStatus = { record: ProcessRecord; problem: string | null; ended: EndedProcess | null }

/** Asks every recorded process of a profile; with those that ended without being asked to. */
export async function status(profile: Profile): Promise<ProcessStatus[]> {
  const { processes, ended } = readState(layoutOf(profile))
  const asked = await Promise.all(
    processes.map(async (record) => {
      try {
        await ask(record)
        return { record, problem: null, ended: null }
      } catch (error) {
        return { record, problem: error instanceof Error ? error.message : String(error), ended: null }
      }
    }),
  )
  const gone = ended.map((one) => ({ record: one, problem: one.reason ?? 'has ended', ended: one }))
  return [...asked, ...gone]
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
    throw new Error(`another process${answering ? ` (${answering})` : ''} answers at ${url}`)
  }
  if (response.ok) {
    await response.body?.cancel()
    return
  }
  const text = await response.text()
  throw new Error(`/readyz answers ${response.status}: ${text.slice(0, 300)}`)
}

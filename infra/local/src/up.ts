import { installMissingPackages, requirePrograms } from './debian.ts'
import { StoppedError } from './errors.ts'
import { externalParts, type PartName } from './external.ts'
import { pingKafka, startKafka } from './kafka.ts'
import type { Launched } from './launch.ts'
import { type Layout, layoutOf, type Profile } from './layout.ts'
import { withLock } from './lock.ts'
import { readManifests } from './manifests.ts'
import { rememberPort } from './part-port.ts'
import { pingRedis } from './ping-redis.ts'
import { pingPostgres, type StartOptions, startPostgres } from './postgres.ts'
import { startRedis } from './redis.ts'
import { type ProcessRecord, readState } from './state.ts'
import { isAbandoned } from './status.ts'
import { stopAll } from './stop.ts'
import { findStrays } from './strays.ts'
import { ensureTopics } from './topics.ts'

/** How to reach the parts. */
export type Parts = Readonly<{
  profile: Profile
  /** Superuser's URL of the database `postgres`. */
  postgresAdminUrl: string
  redisUrl: string
  /** Comma list. */
  kafkaBrokers: string
  /** What this very call started; the others ran before or are somebody else's. */
  started: readonly PartName[]
}>

/** Options of {@link up}. */
export type UpOptions = {
  profile?: Profile
  /** Default: all three. A part that is left out has an empty URL in the result unless it runs. */
  parts?: readonly PartName[]
  env?: NodeJS.ProcessEnv
  /** Told what is being done, a line at a time. */
  report?: (line: string) => void
  /** Aborting stops what was started so far and rejects with {@link StoppedError}. */
  signal?: AbortSignal
}

const starters: Record<PartName, (options: StartOptions) => Promise<Launched>> = {
  postgres: startPostgres,
  redis: startRedis,
  kafka: startKafka,
}

const pings: Record<PartName, (url: string) => Promise<void>> = {
  postgres: (url) => pingPostgres(url),
  redis: (url) => pingRedis(url),
  kafka: (url) => pingKafka(url.split(',')),
}

/**
 * Makes the parts of a profile run: reuses what runs and answers, starts the rest side by side, then creates the
 * declared topics. All or nothing: when one fails, those that this call started are stopped again.
 */
export async function up(options: UpOptions = {}): Promise<Parts> {
  const {
    profile = 'dev',
    parts = ['postgres', 'redis', 'kafka'],
    env = process.env,
    report = () => {},
  } = options
  const layout = layoutOf(profile)
  const topics = readManifests().flatMap((manifest) => manifest.topics)
  const external = await externalParts(parts, env)
  const onWait = (holder: string) => report(`waiting for another freshet in this clone (${holder})`)

  return withLock(`${layout.folder}/up.lock`, { onWait, signal: options.signal }, async () => {
    await endOrphans(layout)
    const running = await answering(layout, report)
    const missing = parts.filter((part) => external[part] === undefined && running[part] === undefined)
    if (missing.length > 0) {
      await installMissingPackages(missing, { report, signal: options.signal })
      await requirePrograms(missing)
    }
    const started = await startTogether(layout, missing, { report, signal: options.signal })
    const urls = { ...running, ...started, ...external }
    try {
      if (urls.kafka !== undefined && parts.includes('kafka')) {
        const changes = await ensureTopics(urls.kafka.split(','), topics)
        if (changes.created.length > 0) report(`kafka: created ${changes.created.length} topics`)
        for (const problem of changes.problems) report(`kafka: ${problem}`)
      }
    } catch (error) {
      await stopParts(layout, missing)
      throw error
    }
    return {
      profile,
      postgresAdminUrl: urls.postgres ?? '',
      redisUrl: urls.redis ?? '',
      kafkaBrokers: urls.kafka ?? '',
      started: missing,
    }
  })
}

/** Stops some parts of a profile, if they run: each by its own signal, or by the one that is given. */
export async function stopParts(
  layout: Layout,
  names: readonly string[],
  options: { signal?: NodeJS.Signals } = {},
): Promise<void> {
  const { processes, ended } = readState(layout)
  const mine = [...processes, ...ended].filter(
    (record) => record.kind === 'part' && names.includes(record.name),
  )
  const { signal } = options
  await stopAll(
    layout,
    signal === undefined ? mine : mine.map((record) => ({ ...record, stopSignal: signal })),
  )
}

async function startTogether(
  layout: Layout,
  parts: readonly PartName[],
  options: { report: (line: string) => void; signal?: AbortSignal },
): Promise<Partial<Record<PartName, string>>> {
  if (parts.length === 0) return {}
  options.report(`starting ${parts.join(', ')}`)
  const failure = new AbortController()
  const signal = AbortSignal.any([failure.signal, ...(options.signal === undefined ? [] : [options.signal])])
  const began = Date.now()
  const results = await Promise.allSettled(
    parts.map(async (part) => {
      try {
        const { record } = await starters[part]({ layout, report: options.report, signal })
        rememberPort(layout, part, record.url)
        options.report(`${part} is ready (${((Date.now() - began) / 1000).toFixed(1)} s)`)
        return [part, record.url] as const
      } catch (error) {
        // The others need not go on; what they reject with then is no news.
        failure.abort()
        throw error
      }
    }),
  )
  const failures = results.flatMap((result) =>
    result.status === 'rejected' ? [result.reason as unknown] : [],
  )
  if (failures.length > 0 || options.signal?.aborted) {
    await stopParts(layout, parts)
    if (options.signal?.aborted) throw new StoppedError()
    throw failures.find((reason) => !(reason instanceof StoppedError)) ?? failures[0]
  }
  return Object.fromEntries(
    results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : [])),
  )
}

// Recorded, alive and answering; one that is alive but mute is replaced.
async function answering(
  layout: Layout,
  report: (line: string) => void,
): Promise<Partial<Record<PartName, string>>> {
  const parts = readState(layout).processes.filter((record) => record.kind === 'part')
  const urls = await Promise.all(
    parts.map(async (record): Promise<[string, string][]> => {
      try {
        await pings[record.name as PartName](record.url)
        return [[record.name, record.url]]
      } catch {
        report(`${record.name} runs but does not answer: replacing it`)
        await stopAll(layout, [record])
        return []
      }
    }),
  )
  return Object.fromEntries(urls.flat())
}

// Left by a launcher that was killed: services whose owner is gone, and whatever never made it into the state file.
async function endOrphans(layout: Layout): Promise<void> {
  const { processes } = readState(layout)
  const ownerless = processes.filter(isAbandoned)
  const strays = findStrays(layout, processes).map((stray) => asRecord(stray))
  await stopAll(layout, [...ownerless, ...strays])
}

/** A stray as a record, so that it can be stopped like one. */
export function asRecord(stray: { pid: number; started: string; name: string }): ProcessRecord {
  const stopSignal = stray.name === 'postgres' ? 'SIGINT' : 'SIGTERM'
  return { ...stray, kind: 'part', group: null, owner: stray, url: '', log: '', stopSignal }
}

import { randomUUID } from 'node:crypto'
import { setTimeout as pause } from 'node:timers/promises'
import { StoppedError, subgraphNames, withKafkaAdmin } from '@freshet/local'
import { Command } from 'commander'
import { listenForInterrupts } from '../interrupts.ts'
import { addressOf, gatewaysOf } from '../part-address.ts'
import { type LogLine, type ProbeProcess, startProbeProcess } from '../probe/probe-process.ts'
import { parseSamples, type Sample } from '../probe/samples.ts'
import { type LoggedViolation, tellSamples, tellViolation, violationsIn } from '../probe/tell.ts'
import { complain, say } from '../say.ts'
import { positive } from './option-values.ts'
import { existingProfileOption } from './profile-option.ts'

type Options = { profile: string; for?: number; gateway?: string[] }

const TELL_EVERY_MS = 10_000

/** `freshet probe`. */
export const probeCommand = new Command('probe')
  .summary('measure how fresh every cache level is, as changes happen')
  .description(
    'Follows the invalidations, and checks each cache level 0.1, 1, 5 and 60 s after each: prints how far they were behind, and every level that still was after a second (PROBE_DELAYS_MS and PROBE_BOUND_MS change that). Until Ctrl-C; exits with 1 if there was a violation.',
  )
  .option('--for <seconds>', 'end by itself', positive)
  .option('--gateway <url...>', 'which gateways to ask, instead of those that run here')
  .addOption(existingProfileOption())
  .action(async (options: Options) => {
    const { signal } = listenForInterrupts()
    const brokers = addressOf('kafka', options.profile)
    // A group of its own, to see everything; of the kind that `freshet events lag` does not count.
    const group = `freshet-tail-probe-${randomUUID()}`
    const env = {
      ...Object.fromEntries(
        Object.entries(process.env).filter(([name]) => /^PROBE_[A-Z]+_[A-Z]+$/.test(name)),
      ),
      PORT: '0',
      LOG_LEVEL: 'info',
      OTEL_SERVICE_NAME: 'probe',
      REDIS_URL: addressOf('redis', options.profile),
      KAFKA_BROKERS: brokers,
      GATEWAY_URLS: (options.gateway ?? gatewaysOf(options.profile)).join(','),
      PROBE_SERVICES: subgraphNames().join(','),
      PROBE_GROUP: group,
      SHUTDOWN_DRAIN_MS: '0',
    }
    let probe: ProbeProcess
    try {
      probe = await startProbeProcess(env, tellLine, signal)
    } catch (error) {
      throw signal.aborted ? new StoppedError() : error
    }
    say(`following the invalidations; everything it counts is at ${probe.metricsUrl}`)
    try {
      await watch(probe, AbortSignal.any([signal, probe.ended]), options.for)
    } finally {
      await probe.stop()
      // Left over, it would expire by itself after a week.
      await withKafkaAdmin(brokers.split(','), (admin) => admin.deleteGroups([group])).catch(() => undefined)
    }
  })

async function watch(probe: ProbeProcess, ended: AbortSignal, seconds?: number): Promise<void> {
  const began = performance.now()
  const endsAt = began + (seconds ?? Number.POSITIVE_INFINITY) * 1_000
  const elapsed = () => `${Math.round((performance.now() - began) / 1_000)} s`
  while (!ended.aborted && performance.now() < endsAt) {
    await pause(Math.min(TELL_EVERY_MS, endsAt - performance.now()), undefined, { signal: ended }).catch(
      () => undefined,
    )
    if (!ended.aborted && performance.now() < endsAt)
      say(`${elapsed()}: ${tellSamples(await samplesOf(probe))}`)
  }
  if (probe.ended.aborted) throw new Error('the probe ended by itself')
  const samples = await samplesOf(probe)
  say(`in ${elapsed()}: ${tellSamples(samples)}`)
  if (violationsIn(samples) > 0) process.exitCode = 1
}

async function samplesOf({ metricsUrl }: ProbeProcess): Promise<Sample[]> {
  return parseSamples(await (await fetch(metricsUrl)).text())
}

function tellLine(line: LogLine): void {
  if (line.msg === 'a cache level is stale') say(tellViolation(line as unknown as LoggedViolation))
  else if (line.level === 'warn' || line.level === 'fatal') complain(`${line.msg}: ${reasonOf(line)}`)
}

const reasonOf = ({ problem, err }: LogLine) => problem ?? err?.message ?? 'see its log'

import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { PartError, StoppedError } from './errors.ts'
import { identify, self } from './identity.ts'
import type { Layout } from './layout.ts'
import { rotateLogs, tail } from './logs.ts'
import { changeState, noteEnd, type ProcessRecord } from './state.ts'

/** What to start and how it will be known. */
export type LaunchSpec = {
  name: string
  kind: ProcessRecord['kind']
  group?: string
  command: string
  args: readonly string[]
  cwd: string
  env: NodeJS.ProcessEnv
  /** Whom to run it as, when not as the launcher. */
  user?: { uid: number; gid: number } | null
  url: string
  /** File name in the logs folder, without `.log`. */
  logName: string
  stopSignal?: NodeJS.Signals
}

/** A started process. It is in the state file before anybody gets this. */
export type Launched = { record: ProcessRecord; child: ChildProcess; exit: () => string | null }

/**
 * Starts a process in a session of its own, so that a Ctrl-C in the terminal reaches only the launcher, which then
 * stops it in order; its output goes to a file that is new with each start (some former ones are kept: logs.ts).
 */
export function launch(layout: Layout, spec: LaunchSpec): Launched {
  const log = join(layout.logs, `${spec.logName}.log`)
  rotateLogs(log)
  const output = openSync(log, 'a')
  try {
    const child = spawn(spec.command, [...spec.args], {
      cwd: spec.cwd,
      env: { ...spec.env, FRESHET_OWNER: layout.ownerTag(spec.name) },
      detached: true,
      stdio: ['ignore', output, output],
      ...(spec.user ?? {}),
    })
    let exit: string | null = null
    child.once('error', (error) => {
      exit = error.message
    })
    child.once('exit', (code, signal) => {
      exit = describeEnd(code, signal)
    })
    if (child.pid === undefined) {
      throw new PartError(spec.name, `${spec.command} could not be started`)
    }
    const identity = identify(child.pid) ?? { pid: child.pid, started: 'gone' }
    const record: ProcessRecord = {
      ...identity,
      name: spec.name,
      kind: spec.kind,
      group: spec.group ?? null,
      owner: self(),
      url: spec.url,
      log,
      stopSignal: spec.stopSignal ?? 'SIGTERM',
    }
    changeState(layout, (state) => ({
      ...state,
      processes: [...state.processes, record],
      ended: state.ended.filter(({ name }) => name !== record.name),
    }))
    child.once('exit', () => {
      try {
        noteEnd(layout, record, exit ?? 'ended')
      } catch {
        // The profile was removed in this very moment: there is nothing to note it in.
      }
    })
    child.unref()
    return { record, child, exit: () => exit }
  } finally {
    closeSync(output)
  }
}

/** Polls until the probe succeeds; fails as soon as the process ends, with the end of its log. */
export async function untilReady(
  launched: Launched,
  options: { probe: () => Promise<void>; deadlineMs: number; signal?: AbortSignal; advice?: string },
): Promise<void> {
  const { name, log } = launched.record
  const deadline = Date.now() + options.deadlineMs
  let last: unknown
  for (;;) {
    if (options.signal?.aborted) throw new StoppedError()
    const ended = launched.exit()
    const failure = { advice: options.advice ?? `The whole log: ${log}`, logTail: tail(log, 12), cause: last }
    if (ended !== null) throw new PartError(name, `it ${ended} while starting`, failure)
    try {
      await options.probe()
      if (launched.exit() === null) return
      continue
    } catch (error) {
      last = error
    }
    if (Date.now() > deadline) {
      const reason = last instanceof Error ? last.message : String(last)
      throw new PartError(name, `no answer within ${options.deadlineMs / 1000} s (${reason})`, failure)
    }
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

/** How a process ended, in words that go on after its name. */
export function describeEnd(code: number | null, signal: NodeJS.Signals | null): string {
  if (signal !== null) return `was ended by ${signal}`
  // What a shell and the JVM say of themselves when a signal has ended them.
  const behind = Object.entries(constants.signals).find(([, number]) => number + 128 === code)?.[0]
  return `ended with exit code ${code}${behind === undefined ? '' : ` (after ${behind})`}`
}

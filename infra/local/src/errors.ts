import { types } from 'node:util'
import { diskFullMessage, hasFullDisk, isDiskFull } from './disk-full.ts'

/** A part or a process could not be started; `message` already holds the reason and `advice` what to do. */
export class PartError extends Error {
  readonly code = 'PART_FAILED'
  readonly part: string
  readonly advice: string
  readonly logTail: readonly string[]

  constructor(
    part: string,
    reason: string,
    options: { advice?: string; logTail?: readonly string[]; cause?: unknown } = {},
  ) {
    super(`${part}: ${reason}`, { cause: options.cause })
    this.name = 'PartError'
    this.part = part
    this.advice = options.advice ?? ''
    this.logTail = options.logTail ?? []
  }
}

/** What a person gave (environment, a topic definition) is wrong; every problem is listed, not just the first. */
export class InvalidSetupError extends Error {
  readonly code = 'LOCAL_SETUP_INVALID'
  readonly problems: readonly string[]

  constructor(title: string, problems: readonly string[]) {
    super(`${title}\n${problems.map((problem) => `  - ${problem}`).join('\n')}`)
    this.name = 'InvalidSetupError'
    this.problems = problems
  }
}

/** The caller's signal was aborted (Ctrl-C): what had been started by then has been stopped. */
export class StoppedError extends Error {
  readonly code = 'STOPPED'

  constructor() {
    super('stopped before everything was up')
    this.name = 'StoppedError'
  }
}

/** The text for a person: the reason, the last log lines, what to do; of a full disk only that. */
export function explain(error: unknown): string {
  if (isDiskFull(error)) return diskFullMessage(error)
  return hasFullDisk() ? `${reasonAndAdvice(error)}\n  ${diskFullMessage(error)}` : reasonAndAdvice(error)
}

function reasonAndAdvice(error: unknown): string {
  if (!(error instanceof PartError)) return error instanceof Error ? error.message : String(error)
  const tail = error.logTail.map((line) => `    | ${line}`)
  return [error.message, ...tail, ...(error.advice === '' ? [] : [`  ${error.advice}`])].join('\n')
}

/** Why something does not answer, in a few words: the reason that stands in the depth of the error. */
export function reasonOf(error: unknown): string {
  // A connection refused on both 127.0.0.1 and ::1 is an AggregateError without a message of its own.
  if (!types.isNativeError(error)) return String(error)
  const { code, errors } = error as NodeJS.ErrnoException & { errors?: readonly unknown[] }
  if (Array.isArray(errors) && errors.length > 0) return reasonOf(errors[0])
  const known = code === undefined ? undefined : reasons[code]
  if (known !== undefined) return known
  if (error.name === 'TimeoutError') return 'no answer in time'
  // fetch says `fetch failed`, and has the reason in its cause.
  return types.isNativeError(error.cause) ? reasonOf(error.cause) : error.message || error.name
}

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  UND_ERR_SOCKET: 'connection closed',
  ETIMEDOUT: 'no answer in time',
  ENOTFOUND: 'no such host',
  EAI_AGAIN: 'the name of the host can not be looked up now',
  EHOSTUNREACH: 'host unreachable',
  ENETUNREACH: 'network unreachable',
}

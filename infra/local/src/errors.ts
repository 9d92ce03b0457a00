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

/** The text for a person: the reason, the last log lines, what to do. */
export function explain(error: unknown): string {
  if (!(error instanceof PartError)) return error instanceof Error ? error.message : String(error)
  const tail = error.logTail.map((line) => `    | ${line}`)
  return [error.message, ...tail, ...(error.advice === '' ? [] : [`  ${error.advice}`])].join('\n')
}

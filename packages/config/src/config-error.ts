/** One thing that is wrong with the environment. */
export interface ConfigProblem {
  /** The variable's name, as it must be spelled in the environment. */
  readonly name: string
  /** What is wrong and what is expected. Never holds a secret's value. */
  readonly problem: string
}

/**
 * The environment can't be used. Holds every problem at once, so that one restart fixes them all.
 * `message` is ready to be shown to the person who set the variables.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError'
  readonly code = 'CONFIG_INVALID'
  readonly problems: readonly ConfigProblem[]

  constructor(problems: readonly ConfigProblem[]) {
    const width = Math.max(0, ...problems.map(({ name }) => name.length))
    const lines = problems.map(({ name, problem }) => `  ${name.padEnd(width)}  ${problem}`)
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    super(`The environment has ${count}:\n${lines.join('\n')}`)
    this.problems = problems
  }
}

import { readFileSync } from 'node:fs'

/** One line of a Dockerfile: `COPY`, and what follows it. */
export interface Instruction {
  readonly name: string
  readonly argument: string
}

/** From one FROM to the next. */
export interface Stage {
  readonly name: string
  readonly from: string
  readonly instructions: readonly Instruction[]
}

/** As much of the Dockerfile format as this repository uses. Throws on anything else: no line may go untested. */
export function parseDockerfile(path: string): Stage[] {
  const stages: (Stage & { instructions: Instruction[] })[] = []
  for (const line of readFileSync(path, 'utf8').replaceAll(/\\\n/g, ' ').split('\n')) {
    if (line.trim() === '' || line.startsWith('#')) continue
    const [, name, argument] = /^([A-Z]+) (.+)$/.exec(line) ?? []
    if (name === undefined || argument === undefined)
      throw new Error(`${path}: cannot read ${JSON.stringify(line)}`)
    if (name === 'FROM') {
      const [, from = '', stage] = /^(\S+)(?: AS (\S+))?$/.exec(argument) ?? []
      stages.push({ name: stage ?? 'final', from, instructions: [] })
    } else {
      stages.at(-1)!.instructions.push({ name, argument })
    }
  }
  return stages
}

/** The sources and the target of a COPY, and the stage that they come from, if any. */
export function parseCopy(argument: string): { from: string | undefined; sources: string[]; target: string } {
  const words = argument.split(/\s+/)
  const from = words[0]!.startsWith('--from=') ? words.shift()!.slice('--from='.length) : undefined
  const target = words.pop()!
  return { from, sources: words, target }
}

/** The exec form, `["node", "main.ts"]`, with or without `CMD` and options before it. */
export function parseExec(argument: string): string[] {
  return JSON.parse(argument.slice(argument.indexOf('['))) as string[]
}

/** Every base image, of all stages. */
export function baseImages(stages: readonly Stage[]): string[] {
  return stages.map(({ from }) => from).filter((from) => !stages.some(({ name }) => name === from))
}

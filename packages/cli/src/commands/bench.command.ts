import { spawn } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { workspaceRoot } from '@freshet/local'
import { Command } from 'commander'
import { complain, say } from '../say.ts'

const folder = join(workspaceRoot, 'bench')

/** `freshet bench`. */
export const benchCommand = new Command('bench')
  .summary('run a bench')
  .description(
    'Prints a table for people and, as its last line, one JSON object with the figures of both sides. Without a name: lists the benches.\nWhat follows the name goes to the bench.',
  )
  .argument('[name]', 'a folder of bench/')
  .argument('[options...]', "the bench's own")
  .allowUnknownOption()
  .passThroughOptions()
  .action(async (name: string | undefined, options: string[]) => {
    const benches = existing()
    if (name === undefined) return say(benches.length === 0 ? 'there are no benches yet' : listOf(benches))
    if (!benches.includes(name)) {
      complain(`there is no bench ${name}; there are: ${benches.join(', ') || 'none'}`)
      process.exitCode = 1
      return
    }
    const child = spawn(process.execPath, [join(folder, name, 'main.ts'), ...options], {
      cwd: folder,
      stdio: 'inherit',
    })
    // The bench closes what it opened; this process only must not end before it.
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const)
      process.on(signal, () => child.kill(signal))
    process.exitCode = await new Promise<number>((resolve) => {
      child.once('error', (error) => {
        complain(error.message)
        resolve(1)
      })
      child.once('exit', (code) => resolve(code ?? 1))
    })
  })

function existing(): string[] {
  return readdirSync(folder).filter((name) => existsSync(join(folder, name, 'main.ts')))
}

function listOf(benches: readonly string[]): string {
  const width = Math.max(...benches.map((name) => name.length))
  return benches.map((name) => `${name.padEnd(width)}  ${descriptionOf(name)}`.trimEnd()).join('\n')
}

/** What the bench's own --help says, without loading what it measures. */
function descriptionOf(name: string): string {
  const source = readFileSync(join(folder, name, 'main.ts'), 'utf8')
  return /\.description\(\s*(['"`])(.+?)\1/.exec(source)?.[2] ?? ''
}

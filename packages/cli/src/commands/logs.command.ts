import { readdirSync } from 'node:fs'
import { open, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { formerLog, layoutOf, tail } from '@freshet/local'
import { Command, Option } from 'commander'
import { complain, say } from '../say.ts'
import { positive } from './option-values.ts'
import { existingProfileOption } from './profile-option.ts'

type Options = { follow?: boolean; lines: number; previous?: number; profile: string }

/** `freshet logs`. */
export const logsCommand = new Command('logs')
  .summary('show the logs of the parts and services')
  .description(
    'Prints the end of one log, or of all of them with the name in front of each line.\nEach start begins a new log. The five before it are kept beside it (catalog.1.log is the last one): --previous shows them.',
  )
  .argument('[part]', 'postgres, redis, kafka, or a service')
  .option('-f, --follow', 'go on printing what is added, until Ctrl-C')
  .option('-n, --lines <count>', 'how many lines of each to begin with', positive, 100)
  .addOption(
    new Option('--previous [starts]', 'the log before the last start, or before so many starts')
      .argParser(positive)
      .preset('1')
      .conflicts('follow'),
  )
  .addOption(existingProfileOption())
  .action(async (part: string | undefined, options: Options) => {
    const { logs } = layoutOf(options.profile)
    const starts = options.previous
    const files = readdirSync(logs)
    const fileOf = (name: string) => (starts === undefined ? `${name}.log` : formerLog(`${name}.log`, starts))
    const names = files
      .filter((file) => /\.log$/.test(file) && !/\.\d+\.log$/.test(file))
      .map((file) => file.slice(0, -'.log'.length))
      .filter((name) => files.includes(fileOf(name)))
    const chosen = part === undefined ? names : names.filter((name) => name === part)
    if (chosen.length === 0) {
      complain(
        part === undefined
          ? `no ${starts === undefined ? 'logs' : 'such former logs'} in ${logs} yet`
          : `no ${starts === undefined ? '' : 'such former '}log of ${part}; there are: ${names.join(', ') || 'none'}`,
      )
      process.exitCode = 1
      return
    }
    const printers = chosen.map((name) => {
      const prefix = part === undefined ? `${name.padEnd(10)} | ` : ''
      return { file: join(logs, fileOf(name)), print: (line: string) => say(`${prefix}${line}`) }
    })
    const sizes = await Promise.all(printers.map(({ file }) => sizeOf(file)))
    for (const { file, print } of printers) for (const line of tail(file, options.lines)) print(line)
    if (options.follow)
      await Promise.all(printers.map(({ file, print }, at) => follow(file, sizes[at] ?? 0, print)))
  })

// Polls: a log is replaced by a new file when its process starts again, which watchers miss in different ways.
async function follow(file: string, from: number, print: (line: string) => void): Promise<never> {
  let position = from
  let rest = ''
  for (;;) {
    const size = await sizeOf(file)
    if (size < position) [position, rest] = [0, '']
    if (size > position) {
      const handle = await open(file)
      const { bytesRead, buffer } = await handle.read(
        Buffer.alloc(size - position),
        0,
        size - position,
        position,
      )
      await handle.close()
      position += bytesRead
      const lines = `${rest}${buffer.toString('utf8', 0, bytesRead)}`.split('\n')
      rest = lines.pop() ?? ''
      for (const line of lines) print(line)
    }
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
}

async function sizeOf(file: string): Promise<number> {
  // Between two starts there is no file for a moment.
  return stat(file).then(
    ({ size }) => size,
    () => 0,
  )
}

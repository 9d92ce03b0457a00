import { type ChildProcess, spawn } from 'node:child_process'
import { join } from 'node:path'
import { workspaceRoot } from '@freshet/local'

/** A `freshet` command in a process of its own, as a shell would start it. */
export type Run = {
  child: ChildProcess
  /** What it printed so far, on both streams. */
  output: () => string
  /** Resolves with the line once it is printed; rejects when the command ends without. */
  printed: (line: RegExp) => Promise<string>
  ended: Promise<number | null>
}

/** Starts it without the parts that the test run itself uses. */
export function runFreshet(args: string[], env: NodeJS.ProcessEnv = {}): Run {
  const child = spawn(
    process.execPath,
    [join(workspaceRoot, 'packages', 'cli', 'bin', 'freshet.mjs'), ...args],
    {
      env: { PATH: process.env.PATH, HOME: process.env.HOME, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let output = ''
  const listeners = new Set<() => void>()
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text
      for (const listener of listeners) listener()
    })
  }
  const ended = new Promise<number | null>((resolve) => {
    child.once('close', (code) => resolve(code))
  })
  const printed = (line: RegExp) =>
    new Promise<string>((resolve, reject) => {
      const look = () => {
        const found = line.exec(output)
        if (found === null) return
        listeners.delete(look)
        resolve(found[1] ?? found[0])
      }
      listeners.add(look)
      look()
      void ended.then(() => reject(new Error(`it ended without printing ${line}:\n${output}`)))
    })
  return { child, output: () => output, printed, ended }
}

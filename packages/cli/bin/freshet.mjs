#!/usr/bin/env node
// Runs on any Node from 18 on, and only starts the cli on the Node that the workspace pins. No dependencies.
import { spawn } from 'node:child_process'
import { existsSync, readFileSync, realpathSync } from 'node:fs'
import { constants } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const pinned = join(root, 'node_modules', '.bin', 'node')
if (!existsSync(pinned)) {
  process.stderr.write('The packages are not installed yet: `npm start` does it, or `npx pnpm@12 install`.\n')
  process.exit(1)
}

const child = spawn(
  realpathSync(pinned),
  [join(root, 'packages', 'cli', 'src', 'main.ts'), ...process.argv.slice(2)],
  // Compiled code is kept between runs: loading modules is most of what a short command does.
  {
    stdio: ['inherit', 'inherit', 'inherit', 'ipc'],
    env: { NODE_COMPILE_CACHE: join(root, '.freshet', 'compile-cache'), ...process.env },
  },
)
// A Ctrl-C in the terminal reaches the child as well: it takes two signals at once for one.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
// npm does not pass on every signal that ends it; what it ran must end with it all the same. Started by somebody else
// (nohup, a script that goes away) this process may well outlive its parent.
if (process.env.npm_command !== undefined) {
  const parent = process.ppid
  // npm starts a shell. Most shells become what they are told to run; where one stays, it outlives npm.
  const { isShell, parent: npm } = processOf(parent)
  const isOrphan = () => process.ppid !== parent || (isShell && processOf(parent).parent !== npm)
  const orphaned = setInterval(() => {
    if (!isOrphan()) return
    clearInterval(orphaned)
    const ended = `npm (process ${npm !== undefined && isShell ? npm : parent})`
    // Told why, it ends by itself; one that does not listen ends by the signal.
    child.send({ ended }, () => child.kill('SIGTERM'))
  }, 500)
  orphaned.unref()
}
child.on('error', (error) => {
  process.stderr.write(`The pinned Node could not be started: ${error.message}\n`)
  process.exit(1)
})
child.on('exit', (code, signal) => {
  process.exit(code ?? 128 + (constants.signals[signal] ?? 0))
})

// What Linux says of a process; elsewhere, nothing is known of it.
function processOf(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    // `1234 (name) S 1233 ...`; the name may hold spaces and parentheses itself.
    const end = stat.lastIndexOf(')')
    const isShell = /^(ba|da|a|z|k)?sh$|^busybox$/.test(stat.slice(stat.indexOf('(') + 1, end))
    return { isShell, parent: Number(stat.slice(end + 2).split(' ')[1]) }
  } catch {
    return { isShell: false, parent: undefined }
  }
}

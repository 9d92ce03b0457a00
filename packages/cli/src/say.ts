/** One line for the person at the terminal. */
export function say(line = ''): void {
  process.stdout.write(`${line}\n`)
}

/** One line about what went wrong. */
export function complain(line: string): void {
  process.stderr.write(`${line}\n`)
}

/** Seconds since a moment of `Date.now()`, for people. */
export function secondsSince(began: number): string {
  return `${((Date.now() - began) / 1000).toFixed(1)} s`
}

// EIO: the terminal is gone.
const nobodyReads = new Set(['EPIPE', 'EIO'])

/** When nobody reads any more (`freshet logs | head`) the command ends, without a word and in order. */
export function endQuietlyWithoutReader(): void {
  let told = false
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (!nobodyReads.has(error.code ?? '')) throw error
      // Every further line fails alike.
      if (told) return
      told = true
      if (process.listenerCount('SIGTERM') > 0) process.emit('SIGTERM')
      else process.exit()
    })
  }
}

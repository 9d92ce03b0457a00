/** Ctrl-C and its relatives, as something to await. */
export type Interrupts = {
  /** Aborted by the first signal. */
  signal: AbortSignal
  /** Resolves at the first signal. */
  interrupted: Promise<void>
  /** What a second signal does, once somebody has asked politely before. */
  onForce: (force: () => Promise<void>) => void
}

// npm, a shell and the launcher each pass on a Ctrl-C that the terminal has already sent to all of them.
const sameSignalMs = 500

/** Listens for SIGINT, SIGTERM, SIGHUP and the parent's end from now on; the process no longer ends by them on its own. */
export function listenForInterrupts(): Interrupts {
  const controller = new AbortController()
  const { promise: interrupted, resolve } = Promise.withResolvers<void>()
  let firstAt = 0
  let force: (() => Promise<void>) | null = null
  const onSignal = () => {
    if (firstAt === 0) {
      firstAt = Date.now()
      controller.abort()
      resolve()
    } else if (Date.now() - firstAt > sameSignalMs) {
      const forced = force?.() ?? Promise.resolve()
      forced.catch(() => {}).finally(() => process.exit(130))
    }
  }
  for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(name, onSignal)
  // bin/freshet.mjs passes signals on. When it was killed, nobody is left to do so.
  const parent = process.ppid
  const orphaned = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(orphaned)
    onSignal()
  }, 500)
  orphaned.unref()
  return {
    signal: controller.signal,
    interrupted,
    onForce: (callback) => {
      force = callback
    },
  }
}

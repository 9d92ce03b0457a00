/** Ctrl-C and its relatives, as something to await. */
export type Interrupts = {
  /** Aborted by the first signal. */
  signal: AbortSignal
  /** Resolves at the first signal with what it was, or whose end, for a person. */
  interrupted: Promise<string>
  /** What a second signal does, once somebody has asked politely before. */
  onForce: (force: () => Promise<void>) => void
}

// npm, a shell and the launcher each pass on a Ctrl-C that the terminal has already sent to all of them.
const sameSignalMs = 500

const signals = {
  SIGINT: 'Ctrl-C (SIGINT)',
  SIGTERM: 'SIGTERM was sent to it',
  SIGHUP: 'its terminal was closed (SIGHUP)',
} satisfies Partial<Record<NodeJS.Signals, string>>

/** Listens for SIGINT, SIGTERM, SIGHUP and the parent's end from now on; the process no longer ends by them on its own. */
export function listenForInterrupts(): Interrupts {
  const controller = new AbortController()
  const { promise: interrupted, resolve } = Promise.withResolvers<string>()
  let firstAt = 0
  let force: (() => Promise<void>) | null = null
  const onInterrupt = (why: string) => {
    if (firstAt === 0) {
      firstAt = Date.now()
      controller.abort()
      resolve(why)
    } else if (Date.now() - firstAt > sameSignalMs) {
      const forced = force?.() ?? Promise.resolve()
      forced.catch(() => {}).finally(() => process.exit(130))
    }
  }
  for (const [name, why] of Object.entries(signals)) process.on(name, () => onInterrupt(why))
  // bin/freshet.mjs passes signals on, and tells when npm has gone. When it was killed, nobody is left to do so.
  process.on('message', (message: { ended?: string }) => {
    if (message.ended !== undefined) onInterrupt(`${message.ended}, which ran this, has ended`)
  })
  // Listening must not keep a command that is done.
  process.channel?.unref()
  const parent = process.ppid
  const orphaned = setInterval(() => {
    if (process.ppid === parent) return
    clearInterval(orphaned)
    onInterrupt(`process ${parent}, which ran this, has ended`)
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

import { untraced } from '@freshet/telemetry'
import { type Check, outcome } from './checks.ts'

/** Keeps the last known state of what a process can do without, so that /readyz can tell it at once. */
export interface Observer {
  /** Asks this part, from `start` on, again and again until `close`. */
  watch(name: string, check: Check): void
  start(): void
  /** By name `ok`, or what is wrong. A part is missing until it was asked for the first time. */
  state(): Record<string, string>
  close(): void
}

/** How often parts are asked, and how long they may take. */
export interface ObserverOptions {
  /** Between two questions to a part that is well. Default 5 s. */
  readonly everyMs?: number
  /** Between two questions to a part that is not. Default 1 s. */
  readonly retryMs?: number
  /** After this silence a part counts as failing. Default 2 s. */
  readonly timeoutMs?: number
}

/** For `observed` of an HTTP server. */
export function createObserver(options: ObserverOptions = {}): Observer {
  const { everyMs = 5_000, retryMs = 1_000, timeoutMs = 2_000 } = options
  const asks: (() => Promise<void>)[] = []
  const states = new Map<string, string>()
  const timers = new Map<string, NodeJS.Timeout>()
  let started = false
  let closed = false

  return {
    watch(name, check) {
      let running: Promise<void> | undefined
      async function ask(): Promise<void> {
        // A part that hangs is asked again only when it has let go of the last question: they must not pile up.
        running ??= untraced(async () => check()).finally(() => {
          running = undefined
        })
        const asked = running
        const state = await outcome(() => asked, timeoutMs)
        if (closed) return
        states.set(name, state)
        timers.set(name, setTimeout(() => void ask(), state === 'ok' ? everyMs : retryMs).unref())
      }
      asks.push(ask)
      if (started) void ask()
    },
    start() {
      started = true
      for (const ask of asks) void ask()
    },
    state: () => Object.fromEntries(states),
    close() {
      closed = true
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}

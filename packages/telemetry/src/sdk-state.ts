/**
 * What `register` started, for `index` to reach. It hangs on globalThis, because a loader hook may
 * load one file twice under two URLs, and two copies of this would not know of each other.
 */
export interface SdkState {
  /** Every metric of this process in Prometheus' text format. */
  metricsText(): Promise<string>
  /** Flushes and stops everything; may take as long as the collector lets it. */
  shutdown(): Promise<void>
}

const KEY = Symbol.for('freshet.telemetry.sdk')

/** Undefined when the process was started without `--import @freshet/telemetry/register`. */
export function sdkState(): SdkState | undefined {
  return (globalThis as { [KEY]?: SdkState })[KEY]
}

/** Called once, by `register`. */
export function setSdkState(state: SdkState): void {
  ;(globalThis as { [KEY]?: SdkState })[KEY] = state
}

import { StoppedError, up } from '@freshet/local'
import { createRandom, type ScaleName } from '@freshet/seed'
import { ask } from './ask.ts'
import { checkAnswers } from './check-answers.ts'
import { findHighestRate, type HighestRate } from './highest-rate.ts'
import { countStatements } from './measure/count-statements.ts'
import { openStatementCounts, type StatementCounts } from './measure/statements.ts'
import { measureWindow, type Window } from './measure/window.ts'
import { openShops, type Shops } from './open-shops.ts'
import type { Side } from './stage.ts'
import { STEP_LABELS, STEPS, type Step } from './steps.ts'
import { ENDPOINTS, type Endpoint, shareOf } from './workload/endpoints.ts'
import { type Load, startLoad } from './workload/load.ts'
import { createRequests } from './workload/requests.ts'
import { warmUp } from './workload/warm-up.ts'

/** How a load is called, from the lowest rate to the highest. */
export const PHASES = ['calm', 'busy', 'sale'] as const

/** What one step was measured to do. */
export interface StepResult {
  readonly step: Step
  /** In the order of the rates. */
  readonly windows: readonly Window[]
  readonly statements: Readonly<Record<Endpoint, number>>
  /** Of the first step and the last one. */
  readonly highest: HighestRate | null
}

/** One run of the case study. */
export interface Study {
  readonly scale: ScaleName
  /** Arrivals in a second, the same for every step. */
  readonly rates: readonly number[]
  /** How many answers were compared, and found equal. */
  readonly comparedAnswers: number
  readonly steps: readonly StepResult[]
  readonly minutes: number
}

/** Options of {@link runCaseStudy}. */
export interface StudyOptions {
  readonly scale: ScaleName
  /** In their order. */
  readonly steps: readonly Step[]
  readonly seconds: number
  readonly rates?: readonly number[]
  readonly highest: boolean
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

interface Bench {
  readonly shops: Shops
  readonly load: Load
  readonly statements: StatementCounts
  readonly options: StudyOptions
}

/** By what the platform as it was can do there, even a sale would be a calm for what replaces it. */
const RATES_AT_M = [0.1, 1.5, 20]
/** A 99th percentile above this is not held. */
export const HELD_P99_MS = 200
/** A percentile of few requests says little: slow rates are kept up for longer. */
const FEWEST_REQUESTS = 60
const LONGEST_SECONDS = 300
const WARM_UP_MS = 20_000
/** What a side may still be busy with when all its clients have gone. */
const AFTERWARDS_MS = 5_000

/** Opens both shops, compares their answers, measures step by step, and closes all that it opened. @throws StoppedError */
export async function runCaseStudy(options: StudyOptions): Promise<Study> {
  const { scale, signal, say } = options
  const beganMs = performance.now()
  const { postgresAdminUrl } = await up({ profile: 'test', report: say, signal })
  const shops = await openShops({ postgresAdminUrl, scale, say, signal })
  /** What was opened, to be closed in reverse order. */
  const opened: { close(): Promise<unknown> }[] = [shops]
  const { promise: stopped, reject: stop } = Promise.withResolvers<never>()
  signal.addEventListener('abort', () => stop(new StoppedError()), { once: true })
  async function measure(): Promise<Study> {
    const load = await startLoad({ shop: shops.shop })
    opened.push(load)
    const statements = await openStatementCounts(shops.system.adminUrl)
    opened.push(statements)
    signal.throwIfAborted()
    const bench: Bench = { shops, load, statements, options }
    const comparedAnswers = await checkAnswers(shops, { steps: options.steps, say })
    let rates = options.rates ?? (scale === 'm' ? RATES_AT_M : undefined)
    const steps: StepResult[] = []
    for (const step of options.steps) {
      signal.throwIfAborted()
      const side = await shops.stage.use(step)
      await warmUp(side.url, drawer(shops, side, 'warm-up'), WARM_UP_MS)
      rates ??= ratesFor(await secondsPerRequest(shops, side))
      steps.push(await measureStep(bench, step, rates))
    }
    const minutes = (performance.now() - beganMs) / 60_000
    return { scale, rates: rates ?? [], comparedAnswers, steps, minutes }
  }
  try {
    if (signal.aborted) throw new StoppedError()
    // An interruption is not waited for by what is measured: that fails as its parts are closed, and nobody listens.
    return await Promise.race([measure(), stopped])
  } finally {
    stopped.catch(() => undefined)
    for (const one of opened.reverse()) await one.close()
  }
}

async function measureStep(bench: Bench, step: Step, rates: readonly number[]): Promise<StepResult> {
  const { shops, statements, options } = bench
  const tell = (line: string) => options.say(`${STEP_LABELS[step]}: ${line}`)
  const windows: Window[] = []
  for (const [index, ratePerSecond] of rates.entries()) {
    options.signal.throwIfAborted()
    const seconds = secondsFor(ratePerSecond, options.seconds)
    // The same requests at the same moments in every step.
    const window = await loadAt(bench, step, { ratePerSecond, seconds, seed: 100 + index })
    windows.push(window)
    const { all, heavy } = window
    tell(
      `${ratePerSecond}/s: p50 ${all.p50Ms.toFixed(0)} ms, p99 ${all.p99Ms.toFixed(0)} ms, heavy p95 ${heavy.p95Ms.toFixed(0)} ms, ${all.failed} of ${all.count} failed`,
    )
  }
  const side = await shops.stage.use(step)
  const counts = await countStatements(statements, side, shops.shop, cursorsOf(shops, side))
  const isEnd = step === STEPS[0] || step === STEPS.at(-1)
  const highest = isEnd && options.highest ? await findHighest(bench, step, rates, tell) : null
  return { step, windows, statements: counts, highest }
}

async function findHighest(
  bench: Bench,
  step: Step,
  rates: readonly number[],
  tell: (line: string) => void,
): Promise<HighestRate> {
  const { options } = bench
  const highest = await findHighestRate(
    async (ratePerSecond) => {
      options.signal.throwIfAborted()
      const seconds = secondsFor(ratePerSecond, options.seconds)
      const { all } = await loadAt(bench, step, { ratePerSecond, seconds, seed: 1_000 })
      const isHeld = all.failed === 0 && all.p99Ms < HELD_P99_MS
      tell(`${ratePerSecond.toFixed(1)}/s: p99 ${all.p99Ms.toFixed(0)} ms, ${isHeld ? 'held' : 'not held'}`)
      return { ratePerSecond, p99Ms: all.p99Ms, failed: all.failed, isHeld }
    },
    { start: step === STEPS[0] ? rates[0]! : rates.at(-1)!, least: 0.25, most: 10_000 },
  )
  tell(`holds ${highest.ratePerSecond?.toFixed(1) ?? 'none'}/s at a p99 below ${HELD_P99_MS} ms`)
  return highest
}

async function loadAt(
  { shops, load, statements }: Bench,
  step: Step,
  at: { ratePerSecond: number; seconds: number; seed: number },
): Promise<Window> {
  const side = await shops.stage.use(step)
  const order = { url: side.url, cursors: cursorsOf(shops, side), ...at }
  const window = await measureWindow({ load, statements }, side, order)
  // The twin goes on with what nobody waits for any more: the next load must not.
  if (!(await statements.comesToRest(side.database, AFTERWARDS_MS)) && !side.isFreshet) {
    await shops.stage.use(step, { anew: true })
    await statements.cutOff(side.database)
  }
  return window
}

const cursorsOf = ({ cursors }: Shops, { isFreshet }: Side) => (isFreshet ? cursors.freshet : cursors.twin)

const drawer = (shops: Shops, side: Side, stream: string) =>
  createRequests(shops.shop, cursorsOf(shops, side), createRandom(1, stream))

const secondsFor = (ratePerSecond: number, seconds: number) =>
  Math.max(seconds, Math.min(LONGEST_SECONDS, FEWEST_REQUESTS / ratePerSecond))

/** How long one request of the mix takes a side that has nothing else to do. */
async function secondsPerRequest(shops: Shops, side: Side): Promise<number> {
  const draw = drawer(shops, side, 'alone')
  const each = 5
  let seconds = 0
  for (const endpoint of ENDPOINTS) {
    const beganMs = performance.now()
    for (let i = 0; i < each; i++) {
      const { body, token } = draw(endpoint)
      await ask(side.url, body, token)
    }
    seconds += ((performance.now() - beganMs) / 1_000 / each) * shareOf(endpoint)
  }
  return seconds
}

/** Calm: a third of what a server could do that answers one request after the other. Busy: nearly that. A sale: six times. */
function ratesFor(secondsPerRequest: number): number[] {
  return [0.3, 0.9, 6].map((share) => Number((share / secondsPerRequest).toPrecision(2)))
}

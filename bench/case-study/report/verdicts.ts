import { HELD_P99_MS, type StepResult, type Study } from '../case-study.ts'
import type { Step } from '../steps.ts'
import { ENDPOINTS, TRAITS } from '../workload/endpoints.ts'

/** One figure that was aimed at. */
export interface Verdict {
  readonly name: string
  readonly was: string
  readonly is: string
  /** How many times better; null where it can't be said, as of nothing. */
  readonly ratio: number | null
  /** That many times, at least. */
  readonly aim: number
  readonly isMet: boolean
}

/** What to know of the aims at a scale that they are not meant for. */
export const aimsNote = ({ scale }: Pick<Study, 'scale'>): string | undefined =>
  scale === 'xs' || scale === 's'
    ? `At scale ${scale} the platform as it was is faster than in the story, where heavy endpoints took a second: the aims are for scale m (45 minutes).`
    : undefined

/** What was aimed at, and what was measured. */
export function judge({ steps }: Study): Verdict[] {
  const of = (step: Step) => steps.find((one) => one.step === step)
  const [twin, cold, now] = [of('twin'), of('batching'), of('response-cache')]
  // A run of some steps only.
  if (!twin || !cold || !now) return []
  const verdicts = [
    toVerdict('p95 of heavy endpoints, calm', heavyP95(twin), heavyP95(now), 20, ms),
    toVerdict('worst statement, mean, calm', worst(twin), worst(now), 100, ms),
    toVerdict(
      'SQL time for the same traffic',
      sqlMs(twin),
      sqlMs(now),
      20,
      (total) => `${(total / 1_000).toFixed(2)} s`,
    ),
    toVerdict('statements per page of a list', listStatements(twin), listStatements(now), 50, (count) =>
      count.toFixed(2),
    ),
    toVerdict('p95 of heavy endpoints, calm, without caches', heavyP95(twin), heavyP95(cold), 8, ms),
  ]
  if (twin.highest === null || now.highest === null) return verdicts
  const [held, holds] = [twin.highest.ratePerSecond, now.highest.ratePerSecond]
  const least = twin.highest.probes[0]?.ratePerSecond ?? 1
  // Where it held none, it is given the lowest one that it was tried at.
  const rate = toVerdict(
    `highest rate at a p99 below ${HELD_P99_MS} ms`,
    holds ?? 0,
    held ?? least,
    20,
    perSecond,
  )
  return [
    ...verdicts,
    {
      ...rate,
      was: held === null ? `below ${perSecond(least)}` : perSecond(held),
      is: perSecond(holds ?? 0),
    },
  ]
}

/** @param is of no cost at all, how often it is less can't be said */
function toVerdict(
  name: string,
  was: number,
  is: number,
  aim: number,
  show: (value: number) => string,
): Verdict {
  const ratio = is > 0 ? was / is : null
  return { name, was: show(was), is: show(is), ratio, aim, isMet: ratio === null ? was > 0 : ratio >= aim }
}

const ms = (value: number) => `${value < 10 ? value.toFixed(2) : value.toFixed(0)} ms`
const perSecond = (rate: number) => `${rate.toFixed(1)}/s`

const heavyP95 = ({ windows }: StepResult) => windows[0]!.heavy.p95Ms
const worst = ({ windows }: StepResult) => windows[0]!.worst?.meanMs ?? 0
const sqlMs = ({ windows }: StepResult) =>
  windows.reduce((sum, { sqlMsPerRequest, all }) => sum + sqlMsPerRequest * all.count, 0)
const lists = ENDPOINTS.filter((endpoint) => TRAITS[endpoint].kind === 'list')
const listStatements = ({ statements }: StepResult) =>
  lists.reduce((sum, endpoint) => sum + statements[endpoint], 0) / lists.length

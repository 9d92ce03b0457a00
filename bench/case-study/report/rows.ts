import { PHASES, type Study } from '../case-study.ts'
import { STEP_LABELS } from '../steps.ts'
import { ENDPOINTS, TRAITS } from '../workload/endpoints.ts'
import { cpuMsPerRequest, digits, percent, ratioOf } from './figures.ts'
import type { Verdict } from './verdicts.ts'

/** A table; its first row is the head. */
export type Rows = readonly (readonly string[])[]

/** `calm, 0.6 requests a second` */
export const phaseTitle = ({ rates }: Study, phase: number): string =>
  `${PHASES[phase] ?? 'load'}, ${rates[phase]} requests a second`

/** How long each endpoint takes, in the first step and in the last one. */
export function endpointRows({ steps }: Study, phase: number): Rows {
  const [first, last] = [steps[0]!.windows[phase]!, steps.at(-1)!.windows[phase]!]
  return [
    ['ms, was and is', 'p50', '', 'p95', '', 'p99', '', 'p95'],
    ...ENDPOINTS.map((endpoint) => {
      const [was, is] = [first.endpoints[endpoint], last.endpoints[endpoint]]
      return [
        TRAITS[endpoint].label,
        ...(['p50Ms', 'p95Ms', 'p99Ms'] as const).flatMap((name) => [digits(was[name]), digits(is[name])]),
        ratioOf(was.p95Ms, is.p95Ms),
      ]
    }),
  ]
}

/** What each step makes of the same load. */
export function stepRows({ steps }: Study, phase: number): Rows {
  return [
    [
      '',
      'heavy p95',
      'p99',
      'failed',
      'SQL',
      'SQL, ms',
      'CPU, ms',
      'PostgreSQL’s',
      'answer hits',
      'field hits',
    ],
    ...steps.map(({ step, windows }) => {
      const window = windows[phase]!
      return [
        STEP_LABELS[step],
        digits(window.heavy.p95Ms),
        digits(window.all.p99Ms),
        `${window.all.failed}/${window.all.count}`,
        digits(window.statementsPerRequest),
        digits(window.sqlMsPerRequest),
        digits(cpuMsPerRequest(window)),
        digits(window.cpuMsPerRequest.postgres),
        percent(window.answerHits),
        percent(window.fieldHits),
      ]
    }),
  ]
}

/** How many statements one request of each endpoint costs. */
export function statementRows({ steps }: Study): Rows {
  return [
    ['', ...steps.map(({ step }) => STEP_LABELS[step])],
    ...ENDPOINTS.map((endpoint) => [
      TRAITS[endpoint].label,
      ...steps.map(({ statements }) => digits(statements[endpoint])),
    ]),
  ]
}

export function verdictRows(verdicts: readonly Verdict[]): Rows {
  return [
    ['', 'was', 'is', 'better', 'aim'],
    ...verdicts.map(({ name, was, is, ratio, aim, isMet }) => [
      name,
      was,
      is,
      ratio === null ? 'all of it' : `${digits(ratio)} x`,
      `${aim} x, ${isMet ? 'met' : 'missed'}`,
    ]),
  ]
}

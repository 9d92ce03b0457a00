import { escape as escaped } from 'html-escaper'
import { element } from '../../svg.ts'
import { HELD_P99_MS, PHASES, type StepResult, type Study } from '../case-study.ts'
import { STEP_LABELS } from '../steps.ts'
import { ENDPOINTS, TRAITS } from '../workload/endpoints.ts'
import { PATIENCE_MS } from '../workload/latencies.ts'
import { bars } from './bars.ts'
import { dotPlot } from './dot-plot.ts'
import { cpuMsPerRequest, digits } from './figures.ts'
import { mark } from './marks.ts'
import { page, type Section, table } from './page.ts'
import { rateChart } from './rate-chart.ts'
import { endpointRows, phaseTitle, type Rows, statementRows, stepRows, verdictRows } from './rows.ts'
import { aimsNote, type Verdict } from './verdicts.ts'

/** A drawing with a name for its file. */
interface Drawing {
  readonly name: string
  readonly title: string
  readonly svg: string
}

/** The study as one page that needs nothing else, and its drawings. */
export function toReport(study: Study, verdicts: readonly Verdict[]): { html: string; drawings: Drawing[] } {
  const percentiles = study.rates.map((rate, phase) => percentilesOf(study, rate, phase))
  const rates = ratesOf(study)
  const costs = costsOf(study)
  const sections: Section[] = [
    ...(verdicts.length === 0
      ? []
      : [{ title: 'Aims', intro: aimsNote(study), body: table(verdictRows(verdicts)) }]),
    {
      title: 'How long answers take',
      intro: `The 95th percentile of each endpoint, step by step, at the same arrivals. ${legend(study)}`,
      figures: percentiles,
    },
    ...(rates === null
      ? []
      : [
          {
            title: 'How much each holds',
            intro: `The 99th percentile as requests arrive faster; the dashed line is ${HELD_P99_MS} ms. What fails counts as ${PATIENCE_MS / 1_000} seconds.`,
            figures: [rates],
          },
        ]),
    {
      title: 'What a request costs',
      intro: escaped(`${phaseTitle(study, costPhase(study))}, with all that runs in the background.`),
      figures: costs,
    },
    { title: 'Step by step', intro: 'Costs for each request.', body: byPhase(study, stepRows) },
    { title: 'Percentiles', body: byPhase(study, endpointRows) },
    {
      title: 'Statements of one request',
      intro: 'Requests as they are drawn for the load, one after the other, alone.',
      body: table(statementRows(study)),
    },
    { title: 'Where the database’s time goes', body: costliest(study) },
  ]
  const html = page({
    title: 'Freshet, as it was and as it is',
    lead: `Scale ${study.scale}, ${study.rates.map((rate) => `${rate}`).join(', ')} requests a second for every step; ${study.comparedAnswers} answers compared and found equal; ${study.minutes.toFixed(0)} minutes in all.`,
    sections,
  })
  return { html, drawings: [...percentiles, ...(rates === null ? [] : [rates]), ...costs] }
}

function percentilesOf({ steps }: Study, rate: number, phase: number): Drawing {
  const name = PHASES[phase] ?? `load-${phase}`
  const title = `p95, ${name}: ${rate} requests a second`
  const rows = ENDPOINTS.map((endpoint) => ({
    label: TRAITS[endpoint].label,
    values: steps.flatMap(({ step, windows }) => {
      const { count, p95Ms } = windows[phase]!.endpoints[endpoint]
      return count > 0 ? [{ step, value: p95Ms }] : []
    }),
  })).filter(({ values }) => values.length > 0)
  return { name: `p95-${name}`, title, svg: dotPlot({ title, unit: 'ms', rows }) }
}

function ratesOf({ steps }: Study): Drawing | null {
  const series = steps.flatMap(({ step, highest }) =>
    highest === null ? [] : [{ step, probes: highest.probes }],
  )
  if (series.length === 0) return null
  const title = 'p99 by arrival rate'
  return { name: 'rates', title, svg: rateChart({ title, limitMs: HELD_P99_MS, series }) }
}

/** Busy, where there is more than one rate. */
const costPhase = ({ rates }: Study) => Math.min(1, rates.length - 1)

function costsOf(study: Study): Drawing[] {
  const { steps } = study
  const phase = costPhase(study)
  const costs = [
    { name: 'statements', title: 'SQL statements', unit: '', of: 'statementsPerRequest' },
    { name: 'sql-time', title: 'Time in PostgreSQL', unit: 'ms', of: 'sqlMsPerRequest' },
    { name: 'cpu', title: 'CPU: services, PostgreSQL, Redis, Kafka', unit: 'ms', of: 'cpu' },
  ] as const
  return costs.map(({ name, title, unit, of }) => {
    const values = steps.map(({ step, windows }) => {
      const window = windows[phase]!
      return { step, value: of === 'cpu' ? cpuMsPerRequest(window) : window[of] }
    })
    return { name, title, svg: bars({ title, unit, values }) }
  })
}

/** The shape and the colour of each step that was run. */
function legend({ steps }: Study): string {
  const entry = ({ step }: StepResult) =>
    `<span class="key">${element('svg', { viewBox: '-8 -8 16 16', width: 14, height: 14 }, mark(step, 0, 0, STEP_LABELS[step]))} ${escaped(STEP_LABELS[step])}</span>`
  return `<span class="keys">${steps.map(entry).join(' ')}</span>`
}

/** A table for each rate. */
function byPhase(study: Study, rowsOf: (study: Study, phase: number) => Rows): string {
  return study.rates
    .map((_, phase) => `<h3>${escaped(phaseTitle(study, phase))}</h3>${table(rowsOf(study, phase))}`)
    .join('')
}

function costliest({ steps }: Study): string {
  return [steps[0]!, steps.at(-1)!]
    .map(({ step, windows }) => {
      const rows = windows[0]!.costliest.map(({ sql, calls, meanMs, totalMs }) => [
        sql.replace(/\s+/g, ' ').slice(0, 160),
        digits(calls),
        digits(meanMs),
        digits(totalMs),
      ])
      return `<h3>${escaped(STEP_LABELS[step])}, calm</h3>${table([['statement', 'calls', 'mean, ms', 'in all, ms'], ...rows])}`
    })
    .join('')
}

import { compareReads, compareWrites, drawPairs } from './equal-answers.ts'
import type { Shops } from './open-shops.ts'
import { STEP_LABELS, STEPS, type Step } from './steps.ts'
import { startTwin } from './twin/start-twin.ts'
import { documentOf } from './workload/endpoints.ts'
import type { Request } from './workload/requests.ts'

/**
 * Asks the twin and every further step the same, and compares: first what only reads, then writes and what they changed.
 *
 * @returns how many requests were compared
 * @throws Error with both answers to the first request that was answered differently
 */
export async function checkAnswers(
  { stage, databases, shop, cursors }: Shops,
  { steps = STEPS, say = () => undefined }: { steps?: readonly Step[]; say?: (line: string) => void } = {},
): Promise<number> {
  const { reads, writes } = drawPairs(shop, cursors)
  const others = steps.filter((step) => step !== 'twin')
  const twinAnswers = new Map()
  const twin = await startTwin(databases.twin)
  try {
    for (const step of others) {
      const { url, isFreshet } = await stage.use(step)
      await compareReads({ twin: twin.url, other: url }, reads, { otherIsFreshet: isFreshet, twinAnswers })
      say(`${STEP_LABELS[step]}: ${reads.length} reads answered as the twin does`)
    }
    // One after the other on each database; Freshet's steps have the same one, and its last step is what runs now.
    const databasesOf = (step: Step) => (step === 'indexes' ? 'indexes' : 'freshet')
    const written = new Map(others.map((step) => [databasesOf(step), step]))
    for (const step of [...written.values()].reverse()) {
      const { url } = await stage.use(step)
      await compareWrites({ twin: twin.url, other: url }, writes, pageOf)
      say(`${STEP_LABELS[step]}: ${writes.length} writes answered, and read again, as the twin does`)
    }
    return others.length * reads.length + written.size * writes.length
  } finally {
    await twin.close()
  }
}

function pageOf(id: string): Request {
  const variables = { id }
  return {
    endpoint: 'productPage',
    variables,
    body: JSON.stringify({ query: documentOf('productPage'), variables }),
    token: null,
  }
}

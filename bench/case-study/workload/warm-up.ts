import { ask } from '../ask.ts'
import type { Request } from './requests.ts'

const VISITORS = 4
/** A fast side is done with these in less time: more would fill its caches with what the load that is measured never asked for. */
const MOST_REQUESTS = 2_000

/**
 * What a shop is like that has been open for a while: compilers, PostgreSQL's buffers and caches have seen its traffic. Each
 * visitor asks again when answered, for so long, or until all have asked often enough.
 */
export async function warmUp(url: string, draw: () => Request, ms: number): Promise<void> {
  const untilMs = performance.now() + ms
  let left = MOST_REQUESTS
  const visit = async () => {
    while (left-- > 0 && performance.now() < untilMs) {
      const { body, token } = draw()
      await ask(url, body, token)
    }
  }
  await Promise.all(Array.from({ length: VISITORS }, visit))
}

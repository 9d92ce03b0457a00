import { ask } from '../ask.ts'
import type { Request } from './requests.ts'

const VISITORS = 4
const MOST_REQUESTS = 2_000

/**
 * What a shop is like that has been open for a while: compilers, PostgreSQL's buffers and caches have seen its traffic. Each
 * visitor asks again when answered, for so long that every side gets the same time, and does with it what it can.
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

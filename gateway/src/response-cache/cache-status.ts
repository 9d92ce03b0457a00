import type { AnswerFreshness } from './answer-freshness.ts'

/**
 * The `Cache-Status` header: what the gateway's two levels had of an answer, nearest to the client last.
 *
 * `freshet-fetches; detail="hits=7 misses=2", freshet-answers; fwd=miss` or `freshet-answers; hit; ttl=57`
 *
 * @see https://www.rfc-editor.org/rfc/rfc9211
 */
export function cacheStatus(
  answer:
    | { from: 'cache'; expiresAt: number }
    | { from: 'execution'; freshness: AnswerFreshness; asked: boolean },
): string {
  if (answer.from === 'cache') {
    const seconds = Math.max(0, Math.round((answer.expiresAt - Date.now()) / 1000))
    return `freshet-answers; hit; ttl=${seconds}`
  }
  const { hits, misses } = answer.freshness.fetches
  return `freshet-fetches; detail="hits=${hits} misses=${misses}", freshet-answers; fwd=${answer.asked ? 'miss' : 'bypass'}`
}

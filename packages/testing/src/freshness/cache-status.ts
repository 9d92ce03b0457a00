/** A level that answers without any cache. */
export const UNCACHED = 'uncached'

/**
 * The outermost cache that had the answer, or some of it, by the header `cache-status` (RFC 9211): of
 * `origin-cache; hit, edge; fwd=miss` it is `origin-cache`. The caches stand in the order in which the answer passed them.
 * One that keeps parts says in its detail how many it had (`detail="hits=7 misses=2"`). `uncached` when none had anything.
 */
export function hitLevel(cacheStatus: string | null | undefined): string {
  const hits = splitOutsideQuotes(cacheStatus ?? '', ',').flatMap((member) => {
    const [name = '', ...parameters] = splitOutsideQuotes(member, ';')
    return parameters.some((parameter) => HIT.test(parameter)) ? [name.replaceAll('"', '')] : []
  })
  return hits.at(-1) ?? UNCACHED
}

const HIT = /^hit(=\?1)?$|^detail="(?:[^"]* )?hits=[1-9]/

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts = text.match(
    separator === ',' ? /(?:"(?:\\.|[^"\\])*"|[^,"])+/g : /(?:"(?:\\.|[^"\\])*"|[^;"])+/g,
  )
  return (parts ?? []).map((part) => part.trim())
}

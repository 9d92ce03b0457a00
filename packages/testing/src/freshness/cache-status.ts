/** A level that answers without any cache. */
export const UNCACHED = 'uncached'

/**
 * The outermost cache that had the answer, by the header `cache-status` (RFC 9211): of `origin-cache; hit, edge; fwd=miss`
 * it is `origin-cache`. The caches stand in the order in which the answer passed them; `uncached` when none had it.
 */
export function hitLevel(cacheStatus: string | null | undefined): string {
  const hits = splitOutsideQuotes(cacheStatus ?? '', ',').flatMap((member) => {
    const [name = '', ...parameters] = splitOutsideQuotes(member, ';')
    return parameters.some((parameter) => /^hit(=\?1)?$/.test(parameter)) ? [name.replaceAll('"', '')] : []
  })
  return hits.at(-1) ?? UNCACHED
}

function splitOutsideQuotes(text: string, separator: ',' | ';'): string[] {
  const parts = text.match(
    separator === ',' ? /(?:"(?:\\.|[^"\\])*"|[^,"])+/g : /(?:"(?:\\.|[^"\\])*"|[^;"])+/g,
  )
  return (parts ?? []).map((part) => part.trim())
}

/** Keys that caches were asked for, and how many of them they had. */
export interface CacheReads {
  readonly reads: number
  readonly hits: number
}

const SAMPLE = /^freshet_cache_reads_total\{(.*)\} ([\d.e+]+)$/gm
/** Served without a load by whoever asked. */
const HITS = /outcome="(hit|negative_hit|stale|waited|joined)"/

/** What the services' field caches have counted since they were started. */
export async function readFieldCaches(serviceUrls: readonly string[]): Promise<CacheReads> {
  let [reads, hits] = [0, 0]
  for (const url of serviceUrls) {
    const text = await (await fetch(`${url}/metrics`)).text()
    for (const [, labels = '', count] of text.matchAll(SAMPLE)) {
      reads += Number(count)
      if (HITS.test(labels)) hits += Number(count)
    }
  }
  return { reads, hits }
}

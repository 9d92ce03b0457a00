import type { KeysetPage, KeysetPageArguments } from '@freshet/database'
import { type Loader, trackedLoader } from '@freshet/subgraph'

/** One page of one parent's list. */
export interface PageRequest {
  readonly parent: string
  readonly page: KeysetPageArguments
}

/**
 * Batches pages of a tick: one call for each distinct set of page arguments, so that one request's bad
 * cursor fails that request, and not all that happened to be asked with it. Not through the cache: pages are one
 * statement for one viewer, and seldom asked for twice.
 *
 * @param tagsOf what a page of this parent's list depends on
 */
export function createPageLoader<Row>(
  findPages: (requests: readonly PageRequest[]) => Promise<KeysetPage<Row>[]>,
  tagsOf: (parent: string) => readonly string[],
): Loader<PageRequest, KeysetPage<Row>> {
  const batch = async (requests: readonly PageRequest[]) => {
    const pages = new Map<PageRequest, KeysetPage<Row> | Error>()
    const groups = [...Map.groupBy(requests, ({ page }) => keyOf(page)).values()]
    await Promise.all(
      groups.map(async (group) => {
        const found = await findPages(group).catch((error: unknown) => asError(error))
        for (const [index, request] of group.entries()) {
          pages.set(request, found instanceof Error ? found : found[index]!)
        }
      }),
    )
    return requests.map((request) => pages.get(request)!)
  }
  return trackedLoader({
    batch,
    identityOf: ({ parent, page }) => `${parent} ${keyOf(page)}`,
    dependsOn: ({ parent }) => ({ tags: tagsOf(parent) }),
  })
}

const keyOf = ({ first, after, last, before }: KeysetPageArguments): string =>
  JSON.stringify([first ?? null, after ?? null, last ?? null, before ?? null])

const asError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)))

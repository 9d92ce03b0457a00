import { type Cache, CacheUnavailableError } from '@freshet/cache'
import { inTransaction } from '@freshet/database'
import { appendEvents, newEvent } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import type { Logger } from '@freshet/telemetry'
import type { Kysely, Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'
import { type UserErrorRow, userError } from '../user-error.ts'
import { type ProductChanged, productChanged } from './product.events.ts'
import { tagsOf } from './product.invalidation.ts'
import type { ProductRow } from './product.repository.ts'
import { findCategoryPath, lockProduct, type ProductPatch, patchProduct } from './product.writes.ts'

/** What changing products takes. */
export interface ChangeParts {
  db: Kysely<DB>
  cache: Pick<Cache, 'invalidate'>
  logger: Logger
  /** Called after each commit: the outbox has something to publish. */
  wakeRelay: () => void
}

/** A change's outcome: the product as it is now, or why it was refused. */
export type Changed =
  | { product: ProductRow; refused?: undefined }
  | { product?: undefined; refused: UserErrorRow }

/** What an edit makes of a locked product: nothing (it is so already), a refusal, or what to write and to tell. */
export type Edit =
  | 'unchanged'
  | { refused: UserErrorRow }
  | { patch: ProductPatch; event: Pick<ProductChanged, 'change'> & Partial<ProductChanged> }

/** Who asks for which product's change, and from which version on. `field` names the input that named the product. */
export interface ChangeRequest {
  viewer: Viewer
  productId: string
  ifVersion?: number | null
  field: string
}

/**
 * The way of every change: one transaction locks the product, checks the viewer's right and the version, writes, counts
 * the version up and stores the event; after its commit the cache is invalidated, and only then is the client answered.
 */
export async function changeProduct(
  parts: ChangeParts,
  request: ChangeRequest,
  edit: (trx: Transaction<DB>, product: ProductRow) => Promise<Edit>,
): Promise<Changed> {
  const { viewer, productId, ifVersion, field } = request
  const outcome = await inTransaction(parts.db, async (trx) => {
    const before = await lockProduct(trx, productId)
    if (!before) return { refused: userError('NOT_FOUND', 'There is no such product', 'input', field) }
    if (!mayChange(viewer, before)) {
      return {
        refused: userError('FORBIDDEN', 'Only its seller or an admin may change a product', 'input', field),
      }
    }
    if (ifVersion != null && ifVersion !== before.version) {
      const message = `The product is at version ${before.version} now; read it again`
      return { refused: userError('VERSION_CONFLICT', message, 'input', 'ifVersion') }
    }
    const edited = await edit(trx, before)
    if (edited === 'unchanged') return { product: before }
    if ('refused' in edited) return edited
    const product = await patchProduct(trx, productId, edited.patch)
    return { product, event: await store(trx, product, edited.event) }
  })
  if ('refused' in outcome) return outcome
  if (outcome.event) await announce(parts, outcome.event)
  return { product: outcome.product }
}

/** Stores the event of a change in its transaction. */
export async function store(
  trx: Transaction<DB>,
  product: ProductRow,
  event: Pick<ProductChanged, 'change'> & Partial<ProductChanged>,
): Promise<ProductChanged> {
  const { title, sellerId, price, available, version } = product
  const data: ProductChanged = {
    productId: product.id,
    version,
    title,
    sellerId,
    price,
    available,
    categoryIds: (await findCategoryPath(trx, product.categoryId)) ?? [],
    changedAt: product.updatedAt,
    ...event,
  }
  await appendEvents(trx, 'catalog', [newEvent(productChanged, data)])
  return data
}

/** To be called after COMMIT, and awaited before the client is answered: the writer's next read must be fresh. */
export async function announce(
  { cache, logger, wakeRelay }: ChangeParts,
  event: ProductChanged,
): Promise<void> {
  try {
    await cache.invalidate(tagsOf(event))
  } catch (error) {
    // The change is committed, so it is no error to the client. This process reads past the cache until Redis has
    // the invalidation; should it die before that, the event in the outbox brings it (createSelfInvalidator).
    if (!(error instanceof CacheUnavailableError)) throw error
    logger.error({ err: error, productId: event.productId }, 'a change is committed but not yet invalidated')
  } finally {
    // After the inner cache, whatever became of it: who hears of the event and reads again must not be served the old.
    wakeRelay()
  }
}

function mayChange({ id, roles }: Viewer, product: ProductRow): boolean {
  return product.sellerId === id || roles.includes('ADMIN')
}

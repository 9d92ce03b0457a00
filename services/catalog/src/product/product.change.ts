import { type NewEvent, newEvent } from '@freshet/events'
import type { Viewer } from '@freshet/http'
import { userError, type Write, type Written } from '@freshet/subgraph'
import type { Kysely, Transaction } from 'kysely'
import type { DB } from '../generated/db.ts'
import type { UserErrorRow } from '../user-error.ts'
import { type ProductChanged, productChanged } from './product.events.ts'
import type { ProductRow } from './product.repository.ts'
import { findCategoryPath, lockProduct, type ProductPatch, patchProduct } from './product.writes.ts'

/** What changing products takes. */
export interface ChangeParts {
  /** For what is looked up before or after a change. */
  db: Kysely<DB>
  write: Write<DB>
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
  { write }: Pick<ChangeParts, 'write'>,
  request: ChangeRequest,
  edit: (trx: Transaction<DB>, product: ProductRow) => Promise<Edit>,
): Promise<Changed> {
  const { viewer, productId, ifVersion, field } = request
  return write(async (trx): Promise<Written<Changed>> => {
    const before = await lockProduct(trx, productId)
    if (!before) return refuse(userError('NOT_FOUND', 'There is no such product', 'input', field))
    if (!mayChange(viewer, before)) {
      return refuse(
        userError('FORBIDDEN', 'Only its seller or an admin may change a product', 'input', field),
      )
    }
    if (ifVersion != null && ifVersion !== before.version) {
      const message = `The product is at version ${before.version} now; read it again`
      return refuse(userError('VERSION_CONFLICT', message, 'input', 'ifVersion'))
    }
    const edited = await edit(trx, before)
    if (edited === 'unchanged') {
      const madeBefore = [await eventOf(trx, before, { change: 'updated' })]
      return { result: { product: before }, events: [], madeBefore }
    }
    if ('refused' in edited) return refuse(edited.refused)
    const product = await patchProduct(trx, productId, edited.patch)
    return { result: { product }, events: [await eventOf(trx, product, edited.event)] }
  })
}

/** Of a change that is not made: it writes nothing, and tells nobody. */
export const refuse = (refused: UserErrorRow): Written<Changed> => ({ result: { refused }, events: [] })

/** The event of a change, read in its transaction. */
export async function eventOf(
  trx: Transaction<DB>,
  product: ProductRow,
  event: Pick<ProductChanged, 'change'> & Partial<ProductChanged>,
): Promise<NewEvent<ProductChanged>> {
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
  return newEvent(productChanged, data)
}

function mayChange({ id, roles }: Viewer, product: ProductRow): boolean {
  return product.sellerId === id || roles.includes('ADMIN')
}

import { newEvent } from '@freshet/events'
import type { Write, Written } from '@freshet/subgraph'
import { unauthenticated, userError } from '@freshet/subgraph'
import type { DB } from '../generated/db.ts'
import type { ProductFactsRepository } from '../product-facts/product-facts.repository.ts'
import type { UserErrorRow } from '../user-errors.ts'
import { wishlistChanged } from './wishlist.events.ts'
import type { WishlistItemRow, WishlistRepository } from './wishlist.repository.ts'

/** The most things that one account may wish for. */
export const WISHLIST_LIMIT = 1000

export type Added = { readonly item: WishlistItemRow } | { readonly refused: UserErrorRow }

export type WishlistCommands = ReturnType<typeof createWishlistCommands>

export function createWishlistCommands(parts: {
  write: Write<DB>
  wishlist: WishlistRepository
  facts: ProductFactsRepository
  limit?: number
}) {
  const { write, wishlist, facts, limit = WISHLIST_LIMIT } = parts

  return {
    /**
     * Adding twice gives the item that is there.
     *
     * A product exists, as far as this service knows, once catalog's event has told of it. That takes
     * moments: who wishes for a product within them is told to try again, because an item of a
     * product that never existed could not be told from one that is about to.
     *
     * The facts are share-locked: a price change waits for this add, and then tells this user too; or
     * it comes first, and the new price is the price when added.
     */
    add: (userId: string, productId: string): Promise<Added> =>
      write(async (trx): Promise<Written<Added>> => {
        if (!(await wishlist.lockOwner(trx, userId)))
          throw unauthenticated('The account of this session no longer exists')
        const present = await wishlist.find(trx, userId, productId)
        const added = newEvent(wishlistChanged, { userId, productId, change: 'added' })
        if (present !== null) return { result: { item: present }, events: [], madeBefore: [added] }
        const known = await facts.lock(trx, productId, 'share')
        if (known === null) return { result: { refused: unknownProduct }, events: [] }
        if ((await wishlist.count(trx, userId)) >= limit)
          return { result: { refused: listFull(limit) }, events: [] }
        const item = await wishlist.insert(trx, {
          userId,
          productId,
          priceMinor: known.priceMinor,
          currency: known.currency,
        })
        return {
          result: { item },
          events: [added],
        }
      }),

    /** Removing what is not there changes nothing. */
    async remove(userId: string, productId: string): Promise<void> {
      await write(async (trx) => {
        const event = newEvent(wishlistChanged, { userId, productId, change: 'removed' })
        const removed = await wishlist.delete(trx, userId, productId)
        return { result: undefined, events: removed ? [event] : [], madeBefore: removed ? [] : [event] }
      })
    },
  }
}

const unknownProduct = userError(
  'NOT_FOUND',
  'There is no such product, or it is so new that it is not known here yet: then try again in a moment.',
  'input',
  'productId',
)

const listFull = (limit: number): UserErrorRow =>
  userError('LIMIT_REACHED', `A wishlist holds at most ${limit} products. Remove some first.`)

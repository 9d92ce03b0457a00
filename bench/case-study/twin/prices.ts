import { GraphQLError } from 'graphql'
import type pg from 'pg'
import type { Context } from './context.ts'
import { decodeId } from './ids.ts'
import type { ProductRow } from './product-row.ts'

interface SetPriceInput {
  productId: string
  price: { amount: number; currency: string }
}

/** A new price, for its seller or an admin. Who wishes for the product is told of a fall before the seller is answered. */
export const priceResolvers = {
  Mutation: {
    async setPrice(_root: unknown, { input }: { input: SetPriceInput }, { db, viewer }: Context) {
      if (viewer === null) throw new GraphQLError('Sign in first')
      const client = await db.connect()
      try {
        await client.query('begin')
        const product = await setPrice(client, input, viewer)
        await client.query('commit')
        return { product, userErrors: [] }
      } catch (error) {
        await client.query('rollback')
        if (!(error instanceof Refused)) throw error
        return { product: null, userErrors: [{ code: error.code, message: error.message, field: null }] }
      } finally {
        client.release()
      }
    },
  },
}

class Refused extends Error {
  readonly code: string
  constructor(code: string, message: string) {
    super(message)
    this.code = code
  }
}

async function setPrice(
  client: pg.PoolClient,
  { productId, price }: SetPriceInput,
  viewer: NonNullable<Context['viewer']>,
): Promise<ProductRow> {
  const id = decodeId('Product', productId)
  const { rows } = await client.query<ProductRow>('select * from products where id = $1 for update', [id])
  const [before] = rows
  if (before === undefined) throw new Refused('NOT_FOUND', 'There is no such product')
  if (before.seller_id !== viewer.id && !viewer.roles.includes('ADMIN'))
    throw new Refused('FORBIDDEN', 'Only its seller or an admin may change a product')
  if (before.currency !== price.currency)
    throw new Refused('CURRENCY_MISMATCH', `The product is sold in ${before.currency}`)
  if (before.price_minor === price.amount) return before
  await client.query('update variants set price_minor = $3 where product_id = $1 and price_minor = $2', [
    id,
    before.price_minor,
    price.amount,
  ])
  const { rows: updated } = await client.query<ProductRow>(
    'update products set price_minor = $2, version = version + 1, updated_at = now() where id = $1 returning *',
    [id, price.amount],
  )
  if (price.amount < before.price_minor) await tellOfFall(client, before, price.amount)
  return updated[0]!
}

async function tellOfFall(client: pg.PoolClient, product: ProductRow, amount: number): Promise<void> {
  const { rows } = await client.query<{ user_id: string }>(
    `select w.user_id from wishlist_items w join users u on u.id = w.user_id
     where w.product_id = $1 and u.price_drop_notifications`,
    [product.id],
  )
  for (const { user_id } of rows) {
    await client.query(
      "insert into notifications (user_id, kind, message, product_id) values ($1, 'PRICE_DROP', $2, $3)",
      [user_id, `${product.title} now costs ${amount} instead of ${product.price_minor}.`, product.id],
    )
  }
}

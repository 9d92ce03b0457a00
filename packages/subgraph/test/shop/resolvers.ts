import { type KeysetOrder, keysetPage } from '@freshet/database'
import { newEvent } from '@freshet/events'
import { sql } from 'kysely'
import { boundedText, decodeId, encodeId, pageArguments, toConnection } from '../../src/index.ts'
import { productRenamed } from './events.ts'
import type { Resolvers, Sort } from './src/generated/graphql.ts'

const orders: Record<Sort, KeysetOrder> = {
  NAME: {
    name: 'products.name',
    columns: [
      { column: 'name', type: 'text', direction: 'asc' },
      { column: 'id', type: 'bigint', direction: 'asc' },
    ],
  },
  NEWEST: {
    name: 'products.newest',
    columns: [
      { column: 'added_at', type: 'timestamptz', direction: 'desc' },
      { column: 'id', type: 'bigint', direction: 'desc' },
    ],
  },
}

export const resolvers: Resolvers = {
  Query: {
    product: (_root, { id }, { loaders }) => loaders.products.load(decodeId('Product', id)),
    products: async (_root, args, { database: { db } }) => {
      const page = pageArguments(args)
      const query = db.selectFrom('products').selectAll()
      return toConnection(await keysetPage(db, { query, order: orders[args.sort ?? 'NAME'], page }))
    },
    slow: async (_root, _args, { database: { db } }) => {
      await db.transaction().execute(async (trx) => {
        await sql`set local statement_timeout = '500ms'`.execute(trx)
        await sql`select pg_sleep(60)`.execute(trx)
      })
      return 1
    },
    secret: () => {
      throw new Error('the password is hunter2')
    },
    broken: () => null as unknown as string,
    echo: (_root, { input }) => boundedText(input.text, { argument: 'input.text', min: 1, max: 10 }),
    viewer: (_root, _args, { viewer }) => viewer()?.id ?? null,
    at: (_root, { when }) => when,
  },
  Mutation: {
    async rename(_root, args, { database, write }) {
      const id = decodeId('Product', args.id)
      await write(async (trx) => {
        await trx.updateTable('products').set({ name: args.name }).where('id', '=', id).execute()
        return { result: undefined, events: [newEvent(productRenamed, { id })] }
      })
      return database.db.selectFrom('products').selectAll().where('id', '=', id).executeTakeFirst()
    },
  },
  Product: {
    __resolveReference: ({ id }, { loaders }) => loaders.products.load(decodeId('Product', id)),
    id: ({ id }) => encodeId('Product', id),
    addedAt: (row) => row.added_at,
    next: ({ id }, _args, { loaders }) => loaders.products.load(String(Number(id) + 1)),
    isOwned: ({ id }, _args, { loaders }) => loaders.owned.load(id),
    sold: ({ id }, _args, { loaders }) => loaders.sold.load(id),
    weather: ({ id }, _args, { loaders }) => loaders.weather.load(id),
    guess: ({ id }, _args, { loaders }) => loaders.guess.load(id).catch(() => null),
  },
}

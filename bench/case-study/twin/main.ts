import { readFileSync } from 'node:fs'
import { ApolloServer } from '@apollo/server'
import { startStandaloneServer } from '@apollo/server/standalone'
import { GraphQLScalarType } from 'graphql'
import pg from 'pg'
import { accountResolvers } from './account.ts'
import { activityResolvers } from './activity.ts'
import { categoryResolvers } from './category.ts'
import { type Context, findViewer } from './context.ts'
import { dashboardResolvers } from './dashboard.ts'
import { listingResolvers } from './listing.ts'
import { priceResolvers } from './prices.ts'
import { productResolvers } from './product.ts'

/** The shop as it was: one GraphQL server on one database. It tells its parent where it listens, and ends with it. */
const [databaseUrl, poolSize] = process.argv.slice(2)
const db = new pg.Pool({ connectionString: databaseUrl, max: Number(poolSize) })
// A connection that breaks while idle is replaced; what was asked on it fails by itself.
db.on('error', (error) => process.stderr.write(`${error.message}\n`))

const DateTime = new GraphQLScalarType<Date, string>({
  name: 'DateTime',
  serialize: (value) => (value as Date).toISOString(),
})
const server = new ApolloServer<Context>({
  typeDefs: readFileSync(new URL('schema.graphql', import.meta.url), 'utf8'),
  resolvers: [
    { DateTime },
    accountResolvers,
    activityResolvers,
    categoryResolvers,
    dashboardResolvers,
    listingResolvers,
    priceResolvers,
    productResolvers,
  ],
})
const { url } = await startStandaloneServer(server, {
  listen: { host: '127.0.0.1', port: 0 },
  context: async ({ req }) => ({ db, viewer: await findViewer(db, req.headers.authorization) }),
})
process.send?.({ url })

process.once('disconnect', () => process.exit())
// A Ctrl-C reaches the whole process group; the parent says when it is over.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.on(signal, () => undefined)

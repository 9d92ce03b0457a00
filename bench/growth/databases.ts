import { randomBytes } from 'node:crypto'
import { prepareDatabase } from '@freshet/cli'
import { reasonOf } from '@freshet/local'
import { seed } from '@freshet/seed'
import { withClient } from '@freshet/testing'

/** A filled database to measure in. */
export interface GrowthDatabase {
  url: string
  products: number
  close(): Promise<void>
}

/** As many users and events for each product as scale l has. */
const USERS_PER_PRODUCT = 0.2
const EVENTS_PER_PRODUCT = 30

/** Makes one, which `close` removes again. */
export async function makeDatabase(
  serverUrl: string,
  products: number,
  { report, signal }: { report: (line: string) => void; signal: AbortSignal },
): Promise<GrowthDatabase> {
  // Tests' leftovers are found by the beginning of their names: also what a killed bench leaves.
  const name = `test_growth_${randomBytes(4).toString('hex')}`
  const url = new URL(serverUrl)
  url.pathname = `/${name}`
  const close = () =>
    withClient(serverUrl, async (client) => {
      await client.query(`drop database if exists ${name} with (force)`)
    })
  try {
    const { adminUrl } = await prepareDatabase({ adminUrl: url.href, signal })
    const scale = {
      products,
      users: Math.ceil(products * USERS_PER_PRODUCT),
      events: products * EVENTS_PER_PRODUCT,
    }
    const began = Date.now()
    await seed({ adminUrl, scale, signal })
    // As autovacuum leaves it, sooner or later: index-only scans look at no rows.
    await withClient(adminUrl, (client) => client.query('vacuum (analyze)'))
    report(`${products.toLocaleString('en')} products seeded in ${Math.round((Date.now() - began) / 1000)} s`)
    return { url: adminUrl, products, close }
  } catch (error) {
    await close()
    throw error
  }
}

/** One that is there, and stays. */
export async function openDatabase(url: string): Promise<GrowthDatabase> {
  const products = await withClient(url, async (client) => {
    const { rows } = await client.query('select count(*)::integer as count from catalog.products')
    return rows[0].count as number
  }).catch((cause: unknown) => {
    const { host, pathname } = new URL(url)
    throw new Error(
      `no shop can be read at ${host}${pathname} (${reasonOf(cause)}): it must run, and be filled by \`npx freshet seed\``,
      { cause },
    )
  })
  return { url, products, close: async () => {} }
}

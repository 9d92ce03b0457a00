import { type System, startSystem } from '@freshet/cli'
import type { ScaleName } from '@freshet/seed'
import { createStage, type Stage } from './stage.ts'
import {
  createIndexedTwin,
  createTwinDatabase,
  dropDatabase,
  type TwinDatabase,
} from './twin/database/create-database.ts'
import { walkPages } from './workload/cursors.ts'
import type { Cursors } from './workload/requests.ts'
import { readShop, type Shop } from './workload/shop.ts'
import { signIn } from './workload/sign-in.ts'

/** Both shops with the same rows, and what can be asked of them. */
export interface Shops {
  readonly system: System
  readonly databases: { readonly twin: TwinDatabase; readonly indexes: TwinDatabase }
  readonly stage: Stage
  readonly shop: Shop
  readonly cursors: { readonly twin: Cursors; readonly freshet: Cursors }
  close(): Promise<void>
}

/** Starts and fills Freshet, and copies its rows for the twin. */
export async function openShops(options: {
  postgresAdminUrl: string
  scale: ScaleName
  say?: (line: string) => void
  signal?: AbortSignal
}): Promise<Shops> {
  const { postgresAdminUrl, scale, say = () => undefined, signal } = options
  /** What was opened, to be closed in reverse order. */
  const opened: (() => Promise<void>)[] = []
  const close = async () => {
    for (const one of opened.splice(0).reverse()) await one()
  }
  try {
    say(`starting Freshet (scale ${scale})`)
    const system = await startSystem({ postgresAdminUrl, scale, signal, env: { LOG_LEVEL: 'warn' } })
    opened.push(() => system.close())
    say('copying its rows for the twin')
    const twin = await createTwinDatabase(
      system.adminUrl,
      `${new URL(system.adminUrl).pathname.slice(1)}_twin`,
      signal,
    )
    opened.push(() => dropDatabase(twin))
    signal?.throwIfAborted()
    say('making the indexes of the second step')
    const indexes = await createIndexedTwin(twin, signal)
    opened.push(() => dropDatabase(indexes))
    const databases = { twin, indexes }
    signal?.throwIfAborted()
    const { accounts, ...offers } = await readShop(system.adminUrl)
    const shop = { ...offers, ...(await signIn(system.gatewayUrl, [twin, indexes], accounts)) }
    const cursors = await walkPages(system.gatewayUrl, shop.categories)
    const stage = createStage(system, databases)
    opened.push(() => stage.close())
    return { system, databases, stage, shop, cursors, close }
  } catch (error) {
    await close()
    throw error
  }
}

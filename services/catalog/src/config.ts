import { port, subgraphEnvironment } from '@freshet/config'
import type { z } from 'zod'

/** Everything that this process reads from its environment. */
export const environment = subgraphEnvironment.extend({ PORT: port.default(4002) })

export type Config = Readonly<z.infer<typeof environment>>

import { subgraphEnvironment } from '@freshet/config'
import type { z } from 'zod'

/** What the process reads from its environment; README has the table. */
export const environment = subgraphEnvironment

export type Config = Readonly<z.infer<typeof environment>>

import { port, subgraphEnvironment } from '@freshet/config'

/** Everything that this process reads from its environment. */
export const environment = subgraphEnvironment.extend({ PORT: port.default(4003) })

import { port, subgraphEnvironment, wholeNumber } from '@freshet/config'

/** Everything that this process reads from its environment. */
export const environment = subgraphEnvironment.extend({
  PORT: port.default(4003),
  /** How many months of activity are kept, the current one included. Three at least: events of 37 days ago may still come. */
  ACTIVITY_RETENTION_MONTHS: wholeNumber({ min: 3, max: 120 }).default(13),
})

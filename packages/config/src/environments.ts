import { z } from 'zod'
import { brokers, flag, milliseconds, port, postgresUrl, redisUrl, secret, wholeNumber } from './values.ts'

/** What every process reads. Extend it: `serviceEnvironment.extend({ PORT: port.default(4001) })`. */
export const serviceEnvironment = z.object({
  HOST: z.string().describe('an address to listen on').default('127.0.0.1'),
  PORT: port,
  LOG_LEVEL: z
    .enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
    .describe('fatal, error, warn, info, debug, trace or silent')
    .default('info'),
  /** How long a shutdown still takes requests, not ready any more: until balancers and kept-alive clients have noticed. */
  SHUTDOWN_DRAIN_MS: milliseconds.default(250),
  /** How long a shutdown then waits for requests in flight before it cuts them off. */
  SHUTDOWN_GRACE_MS: milliseconds.default(10_000),
  /** Shared by the gateway and the subgraphs: signs the calls between them. */
  SUBGRAPH_SECRET: secret,
})

/** What every subgraph reads on top of {@link serviceEnvironment}. */
export const subgraphEnvironment = serviceEnvironment.extend({
  DATABASE_URL: postgresUrl,
  DATABASE_POOL_SIZE: wholeNumber({ min: 1, max: 1000 }).default(10),
  REDIS_URL: redisUrl,
  KAFKA_BROKERS: brokers,
  CACHE_ENABLED: flag.default(true),
})

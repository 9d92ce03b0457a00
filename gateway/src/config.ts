import {
  brokers,
  flag,
  httpUrl,
  json,
  milliseconds,
  port,
  redisUrl,
  serviceEnvironment,
  wholeNumber,
} from '@freshet/config'
import { z } from 'zod'

const subgraph = z.object({
  name: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/, 'is not a name like `users`: lower-case letters, digits, dashes'),
  url: httpUrl,
  /** A folder of .graphql files. Without it the subgraph itself is asked, and must be up when the gateway starts. */
  schema: z.string().min(1).optional(),
})

/** `https://app.example, http://localhost:5173`: exact origins, nothing else; a wildcard is not one. */
const origins = z
  .string()
  .transform((text, context) => {
    const list = text.split(',').map((origin) => origin.trim())
    for (const origin of list) {
      if (URL.canParse(origin) && new URL(origin).origin === origin) continue
      context.addIssue({ code: 'custom', input: text, message: 'has an entry that is not an origin' })
      return z.NEVER
    }
    return list
  })
  .describe('origins like https://app.example, several separated by commas')

/** Everything that the gateway reads. README.md explains each for the person who sets it. */
export const gatewayEnvironment = serviceEnvironment.extend({
  PORT: port.default(4000),
  REDIS_URL: redisUrl,
  KAFKA_BROKERS: brokers,
  /** False: every answer is made anew. Invalidations are still sent: other processes may be caching. */
  CACHE_ENABLED: flag.default(true),
  /** Who shares it shares cached answers: all processes of one gateway, and nobody else. */
  CACHE_DOMAIN: z
    .string()
    .regex(/^[a-z][a-z0-9-]{0,40}$/, 'is not lower case letters, digits and dashes')
    .default('gateway'),
  /** A request that Redis keeps waiting for so long goes on without it. */
  CACHE_TIMEOUT_MS: milliseconds.default(50),
  SUBGRAPHS: json(
    z
      .array(subgraph)
      .min(1, 'names no subgraph')
      .refine((list) => new Set(list.map(({ name }) => name)).size === list.length, 'has a name twice'),
  ).describe('JSON like [{"name":"users","url":"http://127.0.0.1:4001/graphql","schema":"/path/to/schema"}]'),
  /** The subgraph that knows sessions: `POST /internal/sessions/introspect`. */
  SESSIONS_SUBGRAPH: z.string().describe('the name of a subgraph').default('users'),
  SESSION_TIMEOUT_MS: milliseconds.default(1_000),
  /** How long a start waits for subgraphs whose schema must be fetched. */
  SCHEMA_DEADLINE_MS: milliseconds.default(30_000),
  SUBGRAPH_TIMEOUT_MS: milliseconds.default(5_000),
  SUBGRAPH_CONNECTIONS: wholeNumber({ min: 1, max: 10_000 }).default(128),
  SUBGRAPH_ANSWER_LIMIT_BYTES: wholeNumber({ min: 1_000 }).default(10_485_760),
  BODY_LIMIT_BYTES: wholeNumber({ min: 1_000 }).default(1_048_576),
  QUERY_LIMIT_BYTES: wholeNumber({ min: 100 }).default(100_000),
  MAX_TOKENS: wholeNumber({ min: 10 }).default(5_000),
  MAX_DEPTH: wholeNumber({ min: 1 }).default(15),
  MAX_ALIASES: wholeNumber().default(100),
  MAX_ROOT_FIELDS: wholeNumber({ min: 1 }).default(30),
  MAX_SELECTIONS: wholeNumber({ min: 1 }).default(5_000),
  MAX_NODES: wholeNumber({ min: 1 }).default(20_000),
  MAX_PAGES: wholeNumber({ min: 1 }).default(500),
  PERSISTED_QUERY_TTL_SECONDS: wholeNumber({ min: 1 }).default(86_400),
  SLOW_OPERATION_MS: milliseconds.default(1_000),
  EXPLORER_ENABLED: flag.default(true),
  ALLOWED_ORIGINS: origins.default([]),
})

/** The gateway's settings, checked. */
export type Config = Readonly<z.infer<typeof gatewayEnvironment>>

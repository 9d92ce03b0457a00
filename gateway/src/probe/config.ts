import {
  brokers,
  crossCheck,
  httpUrl,
  milliseconds,
  port,
  redisUrl,
  serviceEnvironment,
  wholeNumber,
} from '@freshet/config'
import { z } from 'zod'
import { gatewayEnvironment } from '../config.ts'

const listed = (text: string) => text.split(',').map((item) => item.trim())

const gatewayUrls = z
  .string()
  .transform((text, context) => {
    const urls = listed(text)
    if (urls.every((url) => httpUrl.safeParse(url).success)) return urls.map((url) => url.replace(/\/$/, ''))
    context.addIssue({ code: 'custom', input: text, message: 'has an entry that is not a URL' })
    return z.NEVER
  })
  .describe('URLs like http://gateway:4000, several separated by commas')

const delays = z
  .string()
  .transform((text, context) => {
    const items = listed(text).map((item) => milliseconds.safeParse(item))
    const list = items.flatMap(({ data }) => data ?? [])
    if (list.length === items.length && list.every((ms, i) => i === 0 || ms > list[i - 1]!)) return list
    context.addIssue({ code: 'custom', input: text, message: 'is not a list of growing numbers' })
    return z.NEVER
  })
  .describe('milliseconds, each more than the one before, separated by commas: 100,1000')

const services = z
  .string()
  .transform(listed)
  .refine((names) => names.every((name) => /^[a-z][a-z0-9-]{0,40}$/.test(name)), {
    error: 'has an entry that is not a name',
  })
  .describe('names of subgraphs like users,catalog')

const settings = serviceEnvironment.omit({ SUBGRAPH_SECRET: true }).extend({
  PORT: port.default(4010),
  REDIS_URL: redisUrl,
  KAFKA_BROKERS: brokers,
  CACHE_DOMAIN: gatewayEnvironment.shape.CACHE_DOMAIN,
  /** Each is asked for itself: a level that is old in one process only shows there alone. */
  GATEWAY_URLS: gatewayUrls,
  /** Whose invalidations are followed. */
  PROBE_SERVICES: services,
  /** Another one than `<domain>-probe`: every group of its own sees all events. */
  PROBE_GROUP: z
    .string()
    .regex(/^[\w.-]{1,200}$/, 'has other characters')
    .describe('letters, digits, dots and dashes')
    .optional(),
  /** How long a level may be behind. */
  PROBE_BOUND_MS: milliseconds.default(1_000),
  PROBE_DELAYS_MS: delays.default([100, 1_000, 5_000, 60_000]),
  /** Checks that may wait for their time at once; what comes on top is dropped, and counted. */
  PROBE_MOST_PENDING: wholeNumber({ min: 1, max: 1_000_000 }).default(1_000),
})

/** Everything that the freshness probe reads. gateway/README.md explains each for the person who sets it. */
export const probeEnvironment = crossCheck(
  settings,
  ['PROBE_DELAYS_MS', 'PROBE_BOUND_MS'],
  ({ PROBE_DELAYS_MS, PROBE_BOUND_MS }) => PROBE_DELAYS_MS.at(-1)! >= PROBE_BOUND_MS,
  'ends before PROBE_BOUND_MS: no check could ever find a violation',
)

/** The probe's settings, checked. */
export type ProbeConfig = Readonly<z.infer<typeof probeEnvironment>>

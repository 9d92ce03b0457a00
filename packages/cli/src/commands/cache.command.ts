import { type CacheInspector, cacheDomains, createCacheInspector } from '@freshet/cache/inspect'
import { invalidatedTags, isTag, serviceTag, withKinds } from '@freshet/cache/outer-tags'
import { externalVariables, subgraphNames } from '@freshet/local'
import { openRedis, type RedisClient, type RedisLogger, RedisUrlError } from '@freshet/redis'
import { Command } from 'commander'
import { Cluster, type Redis } from 'ioredis'
import { invalidateDomain } from '../cache/invalidate.ts'
import { tellEntry, tellStats, tellTag } from '../cache/tell.ts'
import { addressOf } from '../part-address.ts'
import { printable } from '../printable.ts'
import { complain, say } from '../say.ts'
import { positive } from './option-values.ts'
import { existingProfileOption } from './profile-option.ts'

type Options = { profile: string; json?: boolean }

/** `freshet cache`. */
export const cacheCommand = new Command('cache')
  .summary('look into the caches: what is held, why it is served or not, what a tag ends')
  .description(
    "Works on the Redis that runs here, or on the one that FRESHET_REDIS_URL names. A domain is one owner's cache: a service's field caches, or `gateway`, whose tags are `<service>/<tag>`.",
  )

cacheCommand
  .command('stats')
  .summary('what each domain holds')
  .description('Entries by policy and state, bytes, the fence. Goes through all entries.')
  .argument('[domain]', 'only this one')
  .option('--json', 'one JSON object a line')
  .addOption(existingProfileOption())
  .action((domain: string | undefined, options: Options) =>
    withCaches(options, async ({ nodes, domains, inspect }) => {
      const chosen = domain === undefined ? domains : [known(domain, domains)]
      for (const one of chosen) {
        const stats = await inspect(one).stats()
        say(options.json ? JSON.stringify({ domain: one, ...stats }) : tellStats(one, stats, Date.now()))
      }
      if (chosen.length === 0) return say('no cache has stored anything yet')
      if (options.json) return
      for (const node of nodes) {
        const used = /^used_memory_human:(\S+)/m.exec(await node.info('memory'))?.[1] ?? 'unknown'
        const evicted = /^evicted_keys:(\d+)/m.exec(await node.info('stats'))?.[1] ?? '0'
        const which = nodes.length > 1 ? ` ${node.options.host}:${node.options.port}` : ''
        say(`Redis${which}: ${used} used, ${evicted} keys evicted`)
      }
    }),
  )

cacheCommand
  .command('inspect')
  .summary('one entry, and whether it would be served')
  .description(
    'One entry: whether it would be served, since when, what it depends on, and the value. Exits with 1 if there is none.',
  )
  .argument('<domain>', 'such as catalog')
  .argument('<key>', "such as product:42, or with the policy's version: product:3:42")
  .option('--json', 'one JSON object a line')
  .addOption(existingProfileOption())
  .action((domain: string, key: string, options: Options) =>
    withCaches(options, async ({ domains, inspect }) => {
      const names = await inspect(known(domain, domains)).named(key)
      for (const name of names) {
        const found = await inspect(domain).describe(name)
        say(
          options.json
            ? JSON.stringify({ domain, name, ...found })
            : tellEntry(domain, name, found, Date.now()),
        )
      }
      if (names.length > 0) return
      complain(
        `${domain} holds nothing under ${printable(key) || 'no name'}; \`freshet cache stats ${domain}\` lists its policies`,
      )
      process.exitCode = 1
    }),
  )

cacheCommand
  .command('trace')
  .summary('who holds what depends on a tag')
  .description(
    "Who holds what depends on a tag, in every domain, and when it was last invalidated there. Of a tag of one service the gateway's `<service>/<tag>` is looked up too.",
  )
  .argument('<tag>', 'such as product:42')
  .option('-n, --lines <count>', 'how many entries of each domain to list', positive, 20)
  .option('--json', 'one JSON object a line')
  .addOption(existingProfileOption())
  .action((tag: string, options: Options & { lines: number }) =>
    withCaches(options, async ({ domains, inspect }) => {
      if (!isTag(tag))
        throw new Error(
          `a tag is expected, such as product:42 (no white space, no dot in front); the services whose tags there may be are ${subgraphNames().join(', ')}`,
        )
      let isKnown = false
      for (const domain of domains) {
        const services = subgraphNames()
        // With what stands for many of its kind, on answers that depend on very many, and for all of a service.
        const outer = services.flatMap((service) => [...invalidatedTags(service, [tag]), serviceTag(service)])
        for (const name of services.includes(domain) ? [tag] : new Set([tag, ...outer])) {
          const found = await inspect(domain).tag(name, options.lines)
          if (found.lastSequence === null && found.dependents.length === 0) continue
          isKnown = true
          say(options.json ? JSON.stringify({ domain, ...found }) : tellTag(domain, found, Date.now()))
        }
      }
      if (isKnown) return
      complain(`no cache holds anything that depends on ${tag}, and none remembers an invalidation of it`)
      process.exitCode = 1
    }),
  )

cacheCommand
  .command('invalidate')
  .summary('end what depends on tags, from the inside out')
  .description(
    'Ends everything that depends on these tags, as a write of the service would: in its own cache, then in the caches outside, by Kafka. Exits with 1 if one of these has not followed within 5 s.',
  )
  .argument('<domain>', 'such as catalog')
  .argument('<tags...>', 'such as product:42')
  .addOption(existingProfileOption())
  .action((domain: string, tags: string[], options: Options) =>
    withCaches(options, async ({ redis, domains, inspect }) => {
      // Their caches are inner levels; every other domain is outside of them.
      const isService = subgraphNames().includes(domain)
      if (!isService) known(domain, domains)
      for (const tag of tags.filter(isTag)) {
        const { dependents, lastSequence } = await inspect(domain).tag(tag, 1)
        if (dependents.length === 0 && lastSequence === null)
          complain(
            `nothing in ${domain} depends on ${tag} just now; \`freshet cache inspect ${domain} KEY\` lists the tags of an entry`,
          )
      }
      const { sequence, followed } = await invalidateDomain({
        redis,
        domain,
        // As the gateway does with what it hears.
        tags: isService ? tags : withKinds(tags),
        brokers: isService ? addressOf('kafka', options.profile).split(',') : null,
        outer: isService ? domains.filter((one) => !subgraphNames().includes(one)) : [],
        inspect,
      })
      say(`${domain}: invalidated ${printable(tags.join(', '))} (sequence ${sequence})`)
      for (const [outer, ms] of followed) {
        if (ms !== null) say(`${outer}: followed after ${ms} ms`)
        else
          complain(
            `${outer}: has not followed within 5 s; is a gateway running? \`freshet events lag\` tells how far behind it is, \`freshet events dead-letters gateway\` what it gave up`,
          )
      }
      if ([...followed.values()].includes(null)) process.exitCode = 1
    }),
  )

function known(domain: string, domains: readonly string[]): string {
  if (domains.includes(domain)) return domain
  throw new Error(`no cache domain ${domain}; there are ${domains.join(', ') || 'none yet'}`)
}

async function withCaches(
  { profile }: Options,
  use: (caches: {
    redis: RedisClient
    /** The one Redis, or the masters of a cluster. */
    nodes: readonly Redis[]
    domains: string[]
    inspect: (domain: string) => CacheInspector
  }) => Promise<void>,
): Promise<void> {
  const url = addressOf('redis', profile)
  let reason = 'no answer'
  const logger = {
    info: () => undefined,
    warn({ err }: { err?: Error }) {
      reason = err?.message ?? reason
    },
  }
  const redis = openNamed(url, logger)
  try {
    await redis.connect().catch(() => {
      throw new Error(
        `Redis at ${hostsOf(url)} can't be reached (${reason}); \`freshet status\` shows what runs here`,
      )
    })
    const nodes = redis instanceof Cluster ? redis.nodes('master') : [redis]
    await use({
      redis,
      nodes,
      domains: await cacheDomains(redis),
      inspect: (domain) => createCacheInspector({ redis, domain }),
    })
  } finally {
    redis.disconnect()
  }
}

/** Tries once: who asks can ask again. */
function openNamed(url: string, logger: RedisLogger): RedisClient {
  try {
    return openRedis(url, logger, {
      lazyConnect: true,
      maxRetriesPerRequest: 1,
      retryStrategy: () => null,
    })
  } catch (error) {
    if (!(error instanceof RedisUrlError)) throw error
    throw new Error(`${externalVariables.redis} is of no use: ${error.message}`, { cause: error })
  }
}

/** Without who logs in. */
const hostsOf = (url: string) => /\/\/(?:[^@/?]*@)?([^/?]*)/.exec(url)?.[1] ?? url

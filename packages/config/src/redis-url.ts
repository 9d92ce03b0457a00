/** A server's address. */
export interface RedisAddress {
  readonly host: string
  readonly port: number
}

/** Who logs in; empty where nobody does. */
export interface RedisLogin {
  readonly username?: string
  readonly password?: string
}

/** Where a Redis (or Valkey) is, and of what kind it is. */
export type RedisTarget =
  | { readonly kind: 'single'; readonly url: string }
  | {
      readonly kind: 'cluster'
      /** Some of its nodes; the others are found through them. */
      readonly nodes: readonly RedisAddress[]
      readonly login: RedisLogin
      readonly tls: boolean
    }
  | {
      readonly kind: 'sentinel'
      readonly sentinels: readonly RedisAddress[]
      /** What the Sentinels call the master. */
      readonly master: string
      readonly database: number
      readonly login: RedisLogin
      /** Where the Sentinels themselves ask for one. */
      readonly sentinelLogin: RedisLogin
      readonly tls: boolean
    }

/** What is wrong with a Redis URL, as the end of a sentence. Never quotes it: it may hold a password. */
export class RedisUrlError extends Error {
  override readonly name = 'RedisUrlError'
  readonly code = 'REDIS_URL_INVALID'
}

const URL_PARTS =
  /^(?<scheme>[a-z+]+):\/\/(?:(?<login>[^@/?]*)@)?(?<hosts>[^@/?]*)(?<path>\/[^?]*)?(?:\?(?<query>.*))?$/
const SINGLE = /^rediss?$/
const CLUSTER = /^rediss?\+cluster$/
const SENTINEL = /^rediss?\+sentinel$/

/**
 * Reads the URL of a Redis: `redis://host:6379/0`, `redis+cluster://host:6379,host:6379` or
 * `redis+sentinel://host:26379,host:26379/master-name/0`; with `rediss` for TLS, and `user:password@` in front of the hosts.
 * Sentinels that want a password of their own: `?sentinelPassword=...` (and `sentinelUsername`).
 *
 * @throws {RedisUrlError} that says what is wrong
 */
export function parseRedisUrl(text: string): RedisTarget {
  const parts = URL_PARTS.exec(text)?.groups
  if (!parts?.scheme || !parts.hosts) throw new RedisUrlError('is not a URL with a host')
  const { scheme, hosts, path = '', query = '' } = parts
  const tls = scheme.startsWith('rediss')
  if (SINGLE.test(scheme)) return single(text, hosts, path)
  if (CLUSTER.test(scheme)) {
    if (!/^\/?0?$/.test(path))
      throw new RedisUrlError('names a database, but a cluster has only one: end it after the hosts')
    refuseOthers(query, [])
    return { kind: 'cluster', nodes: addresses(hosts, 6379), login: login(parts.login), tls }
  }
  if (SENTINEL.test(scheme)) {
    const { master, database = '0' } =
      /^\/(?<master>[^/]+)(?:\/(?<database>\d{0,4}))?$/.exec(path)?.groups ?? {}
    if (!master)
      throw new RedisUrlError(
        'does not name the master that the Sentinels watch: end it with /master-name or /master-name/0',
      )
    const given = refuseOthers(query, ['sentinelUsername', 'sentinelPassword'])
    return {
      kind: 'sentinel',
      sentinels: addresses(hosts, 26379),
      master: decode(master),
      database: Number(database),
      login: login(parts.login),
      sentinelLogin: { username: given.sentinelUsername, password: given.sentinelPassword },
      tls,
    }
  }
  throw new RedisUrlError('starts with none of redis://, rediss://, redis+cluster://, redis+sentinel://')
}

function single(url: string, hosts: string, path: string): RedisTarget {
  if (hosts.includes(','))
    throw new RedisUrlError(
      'names several hosts: those of a cluster begin with redis+cluster://, Sentinels with redis+sentinel://',
    )
  if (!URL.canParse(url)) throw new RedisUrlError('is not a URL with a host')
  if (!/^\/?\d{0,4}$/.test(path)) throw new RedisUrlError('ends with what is not the number of a database')
  return { kind: 'single', url }
}

function addresses(hosts: string, defaultPort: number): RedisAddress[] {
  return hosts.split(',').map((text) => {
    const {
      name,
      v6,
      port = String(defaultPort),
    } = /^(?:(?<name>[\w.-]+)|\[(?<v6>[0-9a-f:.]+)\])(?::(?<port>\d{1,5}))?$/i.exec(text)?.groups ?? {}
    const host = name ?? v6
    if (!host || Number(port) < 1 || Number(port) > 65_535)
      throw new RedisUrlError('has a host that is not host:port')
    return { host, port: Number(port) }
  })
}

function login(text: string | undefined): RedisLogin {
  if (!text) return {}
  const colon = text.indexOf(':')
  const username = decode(colon === -1 ? text : text.slice(0, colon))
  const password = colon === -1 ? undefined : decode(text.slice(colon + 1))
  return { ...(username && { username }), ...(password && { password }) }
}

function refuseOthers(query: string, known: readonly string[]): Record<string, string> {
  const given = Object.fromEntries(new URLSearchParams(query))
  const unknown = Object.keys(given).filter((name) => !known.includes(name))
  if (unknown.length > 0)
    throw new RedisUrlError(`has parameters that nothing reads; it may have ${known.join(', ') || 'none'}`)
  return given
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text)
  } catch (cause) {
    throw new RedisUrlError('has a % that is not followed by two hexadecimal digits: write it as %25', {
      cause,
    })
  }
}

import type { Redis } from 'ioredis'

/** The cache domains that this Redis holds, by their fences. Goes through all its keys. */
export async function domainsIn(redis: Redis): Promise<string[]> {
  const domains = new Set<string>()
  let cursor = '0'
  do {
    const [next, keys] = await redis.scan(cursor, 'MATCH', '{*}:fence', 'COUNT', 1_000)
    cursor = next
    for (const key of keys) domains.add(key.slice(1, key.indexOf('}')))
  } while (cursor !== '0')
  return [...domains]
}

/**
 * The keys of entries that `name` may stand for: itself, `<policy>:<version>:<key>`, or `<policy>:<key>` of any version.
 */
export async function entriesNamed(redis: Redis, domain: string, name: string): Promise<string[]> {
  const prefix = `{${domain}}:e:`
  if ((await redis.exists(prefix + name)) > 0) return [name]
  const [policy, ...rest] = name.split(':')
  const found = new Set<string>()
  let cursor = '0'
  do {
    const glob = `${literal(`${prefix}${policy}:`)}*${literal(`:${rest.join(':')}`)}`
    const [next, keys] = await redis.scan(cursor, 'MATCH', glob, 'COUNT', 1_000)
    cursor = next
    for (const key of keys) {
      const entry = key.slice(prefix.length)
      if (/^\d+:/.test(entry.slice(policy!.length + 1))) found.add(entry)
    }
  } while (cursor !== '0')
  return [...found].sort((a, b) => a.localeCompare(b))
}

const literal = (text: string) => text.replaceAll(/[\\*?[\]]/g, '\\$&')

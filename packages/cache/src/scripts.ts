import { readFileSync } from 'node:fs'
import type { Redis } from 'ioredis'

/** A connection that knows the scripts; what they take and answer is told in each of them. */
export interface ScriptedRedis {
  freshetReadBuffer(
    keyCount: number,
    ...args: (string | number)[]
  ): Promise<
    [life: Buffer | null, stamp?: Buffer, carried?: Buffer, nowMs?: number | null, ...slots: unknown[]]
  >
  freshetFill(keyCount: number, ...args: (string | Buffer)[]): Promise<number[]>
  freshetRelease(keyCount: number, ...args: string[]): Promise<null>
  freshetInvalidate(keyCount: number, ...args: string[]): Promise<[sequence: string, life: string]>
  freshetBeginLife(
    keyCount: number,
    ...args: string[]
  ): Promise<[life: string, sequence: string, begun: number]>
  freshetSequence(
    keyCount: number,
    fence: string,
    word?: string,
  ): Promise<[channel: string, life: string | null, sequence: string | null]>
}

const script = (name: string) => ({
  lua: readFileSync(new URL(`./scripts/${name}.lua`, import.meta.url), 'utf8'),
})

const scripts = {
  freshetRead: script('read'),
  freshetFill: script('fill'),
  freshetRelease: script('release'),
  freshetInvalidate: script('invalidate'),
  freshetBeginLife: script('begin-life'),
  freshetSequence: script('sequence'),
}

/** `redis`, taught the scripts if it does not know them. ioredis sends a script's text to a Redis that has not seen it. */
export function scripted(redis: Redis): ScriptedRedis {
  const known = redis as unknown as ScriptedRedis
  if (!known.freshetReadBuffer) {
    for (const [name, definition] of Object.entries(scripts)) redis.defineCommand(name, definition)
  }
  return known
}

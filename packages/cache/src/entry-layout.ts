/**
 * Where things are in an entry; scripts/fill.lua writes it, scripts/read.lua checks it. All numbers are decimal digits of a
 * fixed width, so that also a person can make them out.
 */
const FORMAT = 2
const TAG_COUNT = 1
const LIFE = 2
const STAMP = 18
const SOFT_EXPIRY = 34
const LOAD_MS = 47
const CODEC = 53
const TAGS = 67

/** How the payload is encoded: text, or deflated text. An entry of any other codec is a miss. */
export type Codec = 't' | 'z'

/** READ only answers what it knows as an entry; everything below relies on that. */
export function codecOf(entry: Buffer): string {
  return String.fromCharCode(entry[CODEC]!)
}

export function isCodec(codec: string): codec is Codec {
  return codec === 't' || codec === 'z'
}

/** When its TTL ends, in ms of Redis' clock. */
export function softExpiryOf(entry: Buffer): number {
  return Number(entry.toString('latin1', SOFT_EXPIRY, SOFT_EXPIRY + 13))
}

/** How long it took to load. */
export function loadMsOf(entry: Buffer): number {
  return Number(entry.toString('latin1', LOAD_MS, LOAD_MS + 6))
}

export function tagsIn(entry: Buffer): string[] {
  const tags: string[] = []
  let at = TAGS
  for (let i = entry[TAG_COUNT]!; i > 0; i--) {
    const length = entry.readUInt16BE(at)
    tags.push(entry.toString('utf8', at + 2, at + 2 + length))
    at += 2 + length
  }
  return tags
}

/** Where the payload begins. It may be empty: that is null. */
export function payloadStart(entry: Buffer): number {
  let at = TAGS
  for (let i = entry[TAG_COUNT]!; i > 0; i--) at += 2 + entry.readUInt16BE(at)
  return at
}

/** What the client gives to FILL of the header: how long the load took, and the codec. */
export function headerOf(loadMs: number, codec: Codec): string {
  return String(Math.min(Math.round(loadMs), 999_999)).padStart(6, '0') + codec
}

/** All that an entry tells of itself. */
export interface EntryHeader {
  readonly life: string
  /** The sequence of the READ that its load followed. */
  readonly stamp: string
  /** When its TTL ends. */
  readonly softExpiry: Date
  readonly loadMs: number
  readonly codec: string
  readonly tags: readonly string[]
}

/** As scripts/read.lua looks at it. */
function isWhole(entry: Buffer): boolean {
  if (!/^\d{35}.\d{13}$/s.test(entry.toString('latin1', STAMP, TAGS))) return false
  let at = TAGS
  for (let i = entry[TAG_COUNT]!; i > 0; i--) {
    if (at + 2 > entry.length) return false
    at += 2 + entry.readUInt16BE(at)
  }
  return at <= entry.length
}

/** Undefined when it is none: a lease, of another version, or damaged. */
export function headerIn(stored: Buffer): EntryHeader | undefined {
  if (stored[0] !== FORMAT || !isWhole(stored)) return undefined
  return {
    life: stored.toString('latin1', LIFE, LIFE + 16),
    stamp: stored.toString('latin1', STAMP, STAMP + 16),
    softExpiry: new Date(softExpiryOf(stored)),
    loadMs: loadMsOf(stored),
    codec: codecOf(stored),
    tags: tagsIn(stored),
  }
}

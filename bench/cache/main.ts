import { isDeepStrictEqual } from 'node:util'
import { createCache } from '@freshet/cache'
import { startRedisNode } from '@freshet/testing'
import { Command } from 'commander'
import { count } from '../option-values.ts'
import { compare, toComparison } from './comparison.ts'
import { measure, type Round, type Side, summarise } from './measure.ts'

const options = new Command('cache')
  .description(
    'The cache against plain Redis commands, and L1 against Redis: the same values on the same Redis, measured in turns.',
  )
  .option('--rounds <n>', 'turns of each side', count, 21)
  .option('--ms <n>', 'length of a turn', count, 200)
  .option('--in-flight <n>', 'calls in flight', count, 64)
  .option('--rows <n>', 'different rows', count, 1_000)
  .parse()
  .opts<{ rounds: number; ms: number; inFlight: number; rows: number }>()

/** About what a product of catalog is: 0.9 kB. */
const rowOf = (id: string) => ({
  id,
  sellerId: '17',
  title: `GSAP Kestrel Deluxe Windbreaks ${id}`,
  description: 'Sheds rain and wind and packs into its own pocket. Reinforced where it wears first. '.repeat(
    3,
  ),
  brandId: '42',
  categoryId: String(Number(id) % 50),
  price: { amount: 7099, currency: 'USD' },
  attributes: ['Material', 'Made in', 'Weight'].map((name) => ({ name, value: 'Recycled nylon' })),
  images: [1, 2].map((n) => ({
    url: `https://images.freshet.example/${id}/${n}.webp`,
    alt: 'view',
    width: 1200,
  })),
  available: 12,
  updatedAt: '2026-11-23T04:05:06.789Z',
  version: 3,
})
type Row = ReturnType<typeof rowOf>

const logger = { info: () => undefined, warn: console.error, error: console.error }
const say = (line: string) => process.stderr.write(`${line}\n`)
const BATCH = 50

const redis = await startRedisNode()
const cache = createCache({
  redis: redis.connect(),
  domain: 'bench',
  logger,
  timeoutMs: 10_000,
  invalidateTimeoutMs: 10_000,
  l1: { boundMs: 1_000 },
})
try {
  const policy = { version: 1, ttlSeconds: 3_600, negativeTtlSeconds: 60, jitter: 0.1 }
  const tags = (id: string, row: Row | null) => [`product:${id}`, `category:${row?.categoryId}`, 'product']
  const rows = cache.define<Row>({ ...policy, name: 'product', tags })
  const plain = redis.connect()

  const ids = Array.from({ length: options.rows }, (_, i) => String(i))
  const load = async (some: readonly string[]) => some.map(rowOf)
  await rows.getMany(ids, load)
  for (const id of ids) await plain.set(`plain:${id}`, JSON.stringify(rowOf(id)), 'EX', 3_600)

  const notLoaded = () => Promise.reject(new Error('It is not in the cache'))
  let turn = 0
  const nextId = () => ids[turn++ % ids.length]!
  const nextIds = () => Array.from({ length: BATCH }, nextId)
  const parse = (text: string | null) => JSON.parse(text!) as Row

  const sides = {
    GET: { run: async () => parse(await plain.get(`plain:${nextId()}`)) },
    READ: { run: () => rows.get(nextId(), notLoaded) },
    MGET: {
      run: async () => (await plain.mget(nextIds().map((id) => `plain:${id}`))).map(parse),
      perCall: BATCH,
    },
    'READ many': { run: () => rows.getMany(nextIds(), notLoaded), perCall: BATCH },
    DEL: { run: () => plain.del(`absent:${nextId()}`) },
    INVALIDATE: { run: () => cache.invalidate([`absent:${nextId()}`]) },
    'DEL 3': { run: () => plain.del(...['a', 'b', 'c'].map((name) => `absent:${name}:${nextId()}`)) },
    'INVALIDATE 3': {
      run: () => cache.invalidate(['a', 'b', 'c'].map((name) => `absent:${name}:${nextId()}`)),
    },
  } satisfies Record<string, Side>

  say('comparing answers')
  for (const id of ids) {
    const [fenced, stored] = [await rows.get(id, notLoaded), parse(await plain.get(`plain:${id}`))]
    if (!isDeepStrictEqual(fenced, rowOf(id)) || !isDeepStrictEqual(stored, fenced))
      throw new Error(`The sides answer differently for ${id}`)
  }

  const rounds = new Map<string, Round[]>()
  async function inTurns(all: Readonly<Record<string, Side>>, how: { ms: number; inFlight: number }) {
    // The first turn of each warms the code up and is not counted.
    for (let round = 0; round <= options.rounds; round++) {
      for (const [name, side] of Object.entries(all)) {
        const result = await measure(redis, side, how)
        if (round > 0) rounds.set(name, [...(rounds.get(name) ?? []), result])
      }
      say(round === 0 ? 'warmed up' : `round ${round} of ${options.rounds}`)
    }
  }
  await inTurns(sides, options)

  // From here on this process hears of every invalidation.
  const inL1 = cache.define<Row>({ ...policy, name: 'in-l1', tags, l1: true })
  await inL1.getMany(ids, load)
  await inTurns({ 'DEL again': sides.DEL, 'INVALIDATE, heard': sides.INVALIDATE }, options)

  // One after the other, for that is how a request waits. L1 in runs, so that it hears of invalidations in between.
  const HITS = 1_000
  const loadOne = async (id: string) => rowOf(id)
  const one = {
    'Redis hit': { run: () => rows.get(nextId(), notLoaded) },
    'L1 hit': {
      async run() {
        for (let i = 0; i < HITS; i++) await inL1.get(nextId(), loadOne)
        await new Promise(setImmediate)
      },
      perCall: HITS,
    },
  }
  await inTurns(one, { ms: options.ms, inFlight: 1 })

  const figures = Object.fromEntries([...rounds].map(([name, all]) => [name, summarise(all)]))
  const ratios = compare(rounds)
  process.stdout.write(`${toComparison(figures, ratios)}\n`)
  process.stdout.write(
    `${JSON.stringify({ bench: 'cache', ...options, answersEqual: true, figures, ratios })}\n`,
  )
} finally {
  await cache.close()
  await redis.close()
}

import { isDeepStrictEqual } from 'node:util'
import { createCache } from '@freshet/cache'
import { startRedisNode } from '@freshet/testing'
import { Command } from 'commander'
import { measure, type Round, ratioOf, summarise } from '../cache/measure.ts'
import { count } from '../option-values.ts'
import { toTable } from '../table.ts'

const options = new Command('cache-compression')
  .description(
    'Hits of values of many lengths, compressed and not: from which length on compression costs less CPU.',
  )
  .option('--rounds <n>', 'turns of each side', count, 15)
  .option('--ms <n>', 'length of a turn', count, 200)
  .option('--in-flight <n>', 'calls in flight', count, 32)
  .parse()
  .opts<{ rounds: number; ms: number; inFlight: number }>()

const SIZES = [1, 2, 4, 8, 16, 32, 64].map((kibibytes) => kibibytes * 1024)
const WORDS =
  'sheds rain and wind packs into its own pocket reinforced where it wears first light warm dry'.split(' ')

/** A list of products, about so long as JSON: names repeat, words and numbers do not. */
function answerOf(bytes: number) {
  const products: {
    id: string
    title: string
    description: string
    price: { amount: number; currency: string }
  }[] = []
  let seed = bytes
  const random = (below: number) => {
    seed = (seed * 48_271) % 2_147_483_647
    return seed % below
  }
  while (JSON.stringify(products).length < bytes) {
    const words = (count: number) =>
      Array.from({ length: count }, () => WORDS[random(WORDS.length)]).join(' ')
    products.push({
      id: String(random(1e9)),
      title: words(4),
      description: words(20),
      price: { amount: random(100_000), currency: 'USD' },
    })
  }
  return products
}
type Answer = ReturnType<typeof answerOf>

const logger = { info: () => undefined, warn: console.error, error: console.error }
const redis = await startRedisNode()
const cache = createCache({ redis: redis.connect(), domain: 'bench', logger, timeoutMs: 10_000 })
try {
  const plain = redis.connect()
  const policy = { version: 1, ttlSeconds: 3_600, negativeTtlSeconds: 60, jitter: 0, tags: () => ['answer'] }
  const sides = {
    plain: cache.define<Answer>({ ...policy, name: 'plain', compressFromBytes: Number.POSITIVE_INFINITY }),
    compressed: cache.define<Answer>({ ...policy, name: 'compressed', compressFromBytes: 0 }),
  }
  type Side = keyof typeof sides
  const names = Object.keys(sides) as Side[]
  const notLoaded = () => Promise.reject(new Error('It is not in the cache'))

  const rounds = new Map<string, Round[]>()
  const bytes = new Map<string, number>()
  for (const size of SIZES) {
    const answer = answerOf(size)
    // One for each call in flight: two that ask for the same key in one turn of the event loop get one copy of it.
    const keys = Array.from({ length: options.inFlight }, (_, i) => `${size}:${i}`)
    let turn = 0
    const nextKey = () => keys[turn++ % keys.length]!
    for (const side of names) {
      for (const key of keys) {
        await sides[side].get(key, async () => answer)
        if (!isDeepStrictEqual(await sides[side].get(key, notLoaded), answer))
          throw new Error(`${side} answers something else for ${size} bytes`)
      }
      bytes.set(`${side} ${size}`, await plain.strlen(`{bench}:e:${side}:1:${size}:0`))
    }
    for (let round = 0; round <= options.rounds; round++) {
      for (const side of names) {
        const result = await measure(redis, { run: () => sides[side].get(nextKey(), notLoaded) }, options)
        // The first turn of each warms the code up.
        if (round > 0) rounds.set(`${side} ${size}`, [...(rounds.get(`${side} ${size}`) ?? []), result])
      }
    }
    process.stderr.write(`measured ${size} bytes\n`)
  }

  const figures = SIZES.map((size) => {
    const of = (side: Side) => ({
      storedBytes: bytes.get(`${side} ${size}`)!,
      ...summarise(rounds.get(`${side} ${size}`)!),
    })
    const [compressed, uncompressed] = [rounds.get(`compressed ${size}`)!, rounds.get(`plain ${size}`)!]
    return {
      size,
      plain: of('plain'),
      compressed: of('compressed'),
      cpuRatio: ratioOf('cpuUs', compressed, uncompressed),
    }
  })
  const rows = figures.map(({ size, plain: a, compressed: b, cpuRatio }) => [
    size,
    a.cpuUs.toFixed(0),
    b.cpuUs.toFixed(0),
    `${cpuRatio.toFixed(2)} x`,
    `${Math.round((b.storedBytes / a.storedBytes) * 100)} %`,
  ])
  const head = ['JSON, bytes', 'CPU of a hit, µs', 'compressed', '', 'stored']
  process.stdout.write(`${toTable([head, ...rows])}\n`)
  process.stdout.write(
    `${JSON.stringify({ bench: 'cache-compression', ...options, answersEqual: true, figures })}\n`,
  )
} finally {
  await cache.close()
  await redis.close()
}

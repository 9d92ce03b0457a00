import { CacheContractError, type CachedEntity } from '@freshet/cache'
import { expect, test } from '@jest/globals'
import { createRecording, noteInvalidation, type Recording, within } from '../src/dependencies/recording.ts'
import { type CachedLoaderOptions, cachedLoader } from '../src/index.ts'

/** A cache that has nothing, and keeps what it was asked. */
function emptyEntity(change: Partial<CachedEntity<string>> = {}) {
  const reads: { keys: readonly string[]; atLeast: string | undefined }[] = []
  const entity = {
    policy: { name: 'thing' },
    async getMany(keys, load, options) {
      reads.push({ keys, atLeast: options?.atLeast })
      const values = await load(keys, {} as never)
      return values.map((value) => value ?? null)
    },
    tagsOf: (key) => [`thing:${key}`],
    ...change,
  } as CachedEntity<string>
  return { entity, reads }
}

interface Page {
  of: string
  after?: string
}

const pages = (entity: CachedEntity<string>, options: Partial<CachedLoaderOptions<Page, string>> = {}) =>
  cachedLoader<string, Page>({
    entity,
    load: async (asked) => asked.map(({ of, after = 'start' }) => `${of} from ${after}`),
    keyOf: ({ of }) => of,
    identityOf: (page) => JSON.stringify(page),
    isStored: ({ after }) => after === undefined,
    ...options,
  })

const inRequest = <Result>(work: (recording: Recording) => Result, atLeast?: string): Result => {
  const recording = createRecording(atLeast)
  return within(recording.whole, () => work(recording))
}

test('every read has reached what the request demands, and then what the request itself wrote', async () => {
  const { entity, reads } = emptyEntity()
  const load = async (id: string) => cachedLoader({ entity, load: async (ids) => [...ids] }).load(id)
  await load('outside of any request')
  await inRequest(async () => {
    await load('first')
    noteInvalidation(['thing:1'], '99')
    await load('not lower')
    noteInvalidation(['thing:1'], '101')
    await load('higher')
    noteInvalidation(['thing:1'], null)
    await load('unknown')
  }, '100')
  expect(reads.map(({ atLeast }) => atLeast)).toEqual([undefined, '100', '100', '101', '101'])
})

test('what is not stored is loaded in the same tick, and depends on what its entry would', async () => {
  const { entity, reads } = emptyEntity()
  await inRequest(async ({ whole: { dependencies } }) => {
    const loader = pages(entity)
    const asked = [{ of: 'a' }, { of: 'b', after: 'x' }, { of: 'a', after: 'y' }, { of: 'a' }]
    expect(await Promise.all(asked.map((page) => loader.load(page)))).toEqual([
      'a from start',
      'b from x',
      'a from y',
      'a from start',
    ])
    expect([...dependencies.tags]).toEqual(['thing:a', 'thing:b'])
    expect(dependencies.untold).toBe(false)
  })
  expect(reads.map(({ keys }) => keys)).toEqual([['a']])
})

test('a value whose tags can’t be used makes its answer unfit, and is given all the same', async () => {
  const { entity } = emptyEntity({
    tagsOf: () => {
      throw new CacheContractError('no tags')
    },
  })
  await inRequest(async ({ whole: { dependencies } }) => {
    expect(await pages(entity).load({ of: 'a' })).toBe('a from start')
    expect(dependencies.untold).toBe(true)
  })
})

test('a soft policy has no tags to tell, so what it goes into is kept by age or not at all', async () => {
  const soft = emptyEntity({ policy: { name: 'thing', soft: true }, tagsOf: () => [] }).entity
  await inRequest(async ({ whole: { dependencies } }) => {
    await pages(soft, { outwardMaxAgeSeconds: 3 }).load({ of: 'a' })
    expect(dependencies).toMatchObject({ untold: false, maxAgeSeconds: 3 })
    await pages(soft).load({ of: 'a' })
    expect(dependencies.untold).toBe(true)
  })
})

test('a private policy marks its reader as the viewer’s', async () => {
  const { entity } = emptyEntity({ policy: { name: 'thing', audience: 'private' } })
  await inRequest(async ({ whole: { dependencies } }) => {
    await pages(entity).load({ of: 'a' })
    expect(dependencies.readViewer).toBe(true)
  })
})

test('one that remembers nothing asks again, and another that does does not', async () => {
  for (const [remembers, times] of [
    [true, 1],
    [false, 2],
  ] as const) {
    const { entity, reads } = emptyEntity()
    const loader = pages(entity, { remembers })
    await loader.load({ of: 'a' })
    await loader.load({ of: 'a' })
    expect(reads).toHaveLength(times)
  }
})

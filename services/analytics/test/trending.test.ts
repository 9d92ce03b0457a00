import { encodeId } from '@freshet/subgraph'
import { openFailingCache } from '@freshet/subgraph/testing'
import { eventually } from '@freshet/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import { sql } from 'kysely'
import { trendingTag } from '../src/trending/trending.cache.ts'
import { createTrendingRefresh } from '../src/trending/trending.refresh.ts'
import { createTrendingRepository } from '../src/trending/trending.repository.ts'
import { insertFacts, openAnalytics } from './harness.ts'

let analytics: Awaited<ReturnType<typeof openAnalytics>>

beforeAll(async () => {
  analytics = await openAnalytics()
  await insertFacts(analytics.database, 30)
})

afterAll(() => analytics?.close())

/** Views of one product, `hoursAgo`. */
const view = (productId: number, views: number, hoursAgo = 0) =>
  sql`
    with at as (select now() - make_interval(hours => ${hoursAgo}) as time), hourly as (
      insert into product_stats_hourly (product_id, hour, views)
      select ${productId}, date_trunc('hour', time, 'UTC'), ${views} from at
      on conflict (product_id, hour) do update set views = product_stats_hourly.views + excluded.views
    ), totals as (
      insert into product_stats (product_id, views, last_activity_at) select ${productId}, ${views}, time from at
      on conflict (product_id) do update set views = product_stats.views + excluded.views
    )
    insert into product_stats_daily (product_id, day, views)
    select ${productId}, (time at time zone 'UTC')::date, ${views} from at
    on conflict (product_id, day) do update set views = product_stats_daily.views + excluded.views
  `.execute(analytics.database.db)

const ask = async (query: string) => {
  const { data, errors } = await analytics.subgraph.executeOperation({ query })
  expect(errors).toBeUndefined()
  return data
}

const refresh = (cache = analytics.cache) =>
  createTrendingRefresh({
    repository: createTrendingRepository(analytics.database.db),
    cache,
    logger: analytics.logger,
  })

test('is empty before there is activity', async () => {
  expect(await ask('{ trending { rank } }')).toEqual({ trending: [] })
})

test('lists what is most active within the window, and forgets what lies before it', async () => {
  await view(1, 5)
  await view(2, 50, 30)
  await view(3, 9)
  const job = refresh()
  await job.start()
  await job.close()
  expect(
    await ask(
      '{ day: trending { rank score product { id } } week: trending(window: WEEK, first: 1) { score } }',
    ),
  ).toEqual({
    day: [
      { rank: 1, score: 9, product: { id: encodeId('Product', '3') } },
      { rank: 2, score: 5, product: { id: encodeId('Product', '1') } },
    ],
    week: [{ score: 50 }],
  })
})

test('is known to the planner as soon as there is something in it, and writes nothing where nothing has changed', async () => {
  const { rows: tables } = await sql<{ name: string; rows: number }>`
    select relname as name, reltuples::integer as rows from pg_class
    where relnamespace = 'analytics'::regnamespace and relname in ('trending', 'category_top', 'category_stats')
    order by relname
  `.execute(analytics.database.db)
  expect(tables.map(({ name, rows }) => [name, rows > 0])).toEqual([
    ['category_stats', true],
    ['category_top', true],
    ['trending', true],
  ])
  const written = async () =>
    (
      await sql<{ rows: string[] }>`
        select array(select concat('trending ', xmin, t) from trending t
          union all select concat('top ', xmin, t) from category_top t
          union all select concat('stats ', xmin, t) from category_stats t order by 1) as rows
      `.execute(analytics.database.db)
    ).rows[0]!.rows
  const before = await written()
  const repository = createTrendingRepository(analytics.database.db)
  for (const list of ['DAY', 'WEEK', 'MONTH', 'CATEGORIES'] as const) {
    expect(await repository.refresh(list, new Date())).toEqual({ isRecomputed: true, isUntold: false })
  }
  expect(await written()).toEqual(before)
})

test('leaves out products that catalog never told of', async () => {
  await view(999, 1_000)
  const job = refresh()
  await job.start()
  await job.close()
  const { trending } = await ask('{ trending { product { id } } }')
  expect(trending).not.toContainEqual({ product: { id: encodeId('Product', '999') } })
})

test('serves a refreshed list at once, although the old one was cached for an hour', async () => {
  const before = await ask('{ trending { rank product { id } } }')
  expect(before.trending[0].product.id).toBe(encodeId('Product', '3'))
  await view(4, 200)
  const job = refresh()
  await job.start()
  await job.close()
  expect((await ask('{ trending { product { id } } }')).trending[0].product.id).toBe(encodeId('Product', '4'))
})

test('tells the caches at the next turn when it died behind the commit', async () => {
  await ask('{ trending { product { id } } }')
  await view(5, 900)
  const repository = createTrendingRepository(analytics.database.db)
  // The commit, and then nothing.
  expect(await repository.refresh('DAY', new Date())).toMatchObject({ isUntold: true })
  expect((await ask('{ trending { product { id } } }')).trending[0].product.id).toBe(encodeId('Product', '4'))
  const job = refresh()
  await job.start()
  await job.close()
  expect((await ask('{ trending { product { id } } }')).trending[0].product.id).toBe(encodeId('Product', '5'))
  expect(await repository.refresh('DAY', new Date())).toMatchObject({ isUntold: false })
})

test('does not take the caches for told when the invalidation failed', async () => {
  await view(5, 1)
  const { cache, failed } = openFailingCache(analytics)
  const failing = refresh(cache)
  await failing.start()
  await failing.close()
  expect(failed).toContainEqual([trendingTag('DAY')])
  // Though this one leaves it as it is.
  const repository = createTrendingRepository(analytics.database.db)
  expect(await repository.refresh('DAY', new Date(), 3_600_000)).toEqual({
    isRecomputed: false,
    isUntold: true,
  })
  expect(await repository.refresh('DAY', new Date())).toEqual({ isRecomputed: true, isUntold: true })
  const job = refresh()
  await job.start()
  await job.close()
})

test('gives every category its top products and totals, with as many statements for 50 as for 5', async () => {
  const entities = async (ids: number[]) => {
    let statements = 0
    const stop = analytics.database.onStatement(() => statements++)
    const { data, errors } = await analytics.subgraph.executeOperation({
      query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Category {
        topProducts(first: 2) { id } stats { views purchases } } } }`,
      variables: { of: ids.map((id) => ({ __typename: 'Category', id: encodeId('Category', String(id)) })) },
    })
    stop()
    expect(errors).toBeUndefined()
    return { data: data._entities, statements }
  }
  const { data, statements } = await entities([1, 2, 3, 4, 5])
  expect(data[0]).toEqual({
    topProducts: [{ id: encodeId('Product', '5') }, { id: encodeId('Product', '4') }],
    stats: { views: 1_165, purchases: 0 },
  })
  expect(data[0]).toEqual(data[1])
  expect(data[2]).toEqual({ topProducts: [], stats: { views: 0, purchases: 0 } })
  expect(statements).toBe(2)
  expect((await entities(Array.from({ length: 50 }, (_, i) => i + 100))).statements).toBe(2)
})

test('serves the refreshed list and totals of a category at once, although both were cached for an hour', async () => {
  const ofCategory = async () => {
    const { data, errors } = await analytics.subgraph.executeOperation({
      query: `query ($of: [_Any!]!) { _entities(representations: $of) { ... on Category {
        topProducts(first: 1) { id } stats { views } } } }`,
      variables: { of: [{ __typename: 'Category', id: encodeId('Category', '2') }] },
    })
    expect(errors).toBeUndefined()
    const [{ topProducts, stats }] = data._entities
    return { top: topProducts[0].id, views: stats.views }
  }
  const viewAndRefresh = async (productId: number, views: number) => {
    await view(productId, views)
    const job = refresh()
    await job.start()
    await job.close()
  }
  await viewAndRefresh(7, 2_000)
  const { top, views } = await ofCategory()
  expect(top).toBe(encodeId('Product', '7'))
  await viewAndRefresh(8, 3_000)
  expect(await ofCategory()).toEqual({ top: encodeId('Product', '8'), views: views + 3_000 })
  // The list stays as it is, and only the totals differ.
  await viewAndRefresh(8, 10)
  expect(await ofCategory()).toEqual({ top: encodeId('Product', '8'), views: views + 3_010 })
})

test('refreshes by itself, once for all processes, and exports how old each list is', async () => {
  const repository = createTrendingRepository(analytics.database.db)
  const turns: { process: number; now: Date; leastAgeMs: number; isRecomputed: boolean }[] = []
  // One after the other: of two at once nobody could tell whose list the other one found.
  let last: Promise<unknown> = Promise.resolve()
  const jobs = [1, 2].map((process) =>
    createTrendingRefresh({
      repository: {
        ...repository,
        refresh(list, now, leastAgeMs = 0) {
          const turn = last.then(async () => {
            const result = await repository.refresh(list, now, leastAgeMs)
            if (list === 'DAY') turns.push({ process, now, leastAgeMs, isRecomputed: result.isRecomputed })
            return result
          })
          last = turn.catch(() => {})
          return turn
        },
      },
      cache: analytics.cache,
      logger: analytics.logger,
    }),
  )
  for (const job of jobs) await job.start()
  const starts = turns.filter(({ leastAgeMs }) => leastAgeMs === 0)
  expect(starts.map(({ process, isRecomputed }) => [process, isRecomputed])).toEqual([
    [1, true],
    [2, true],
  ])
  await view(6, 5_000)
  /** Those that came by themselves, each with the one that had recomputed the list last. */
  const later = () =>
    turns.flatMap((turn, index) => {
      const before = turns.slice(0, index).findLast(({ isRecomputed }) => isRecomputed)
      return turn.leastAgeMs > 0 ? [{ ...turn, before: before! }] : []
    })
  // How soon each comes depends on how long it has taken: a pause may be of minutes on a busy machine.
  await eventually(
    async () => {
      expect(later()).toContainEqual(expect.objectContaining({ isRecomputed: true }))
      const left = later().filter(
        ({ isRecomputed, process, before }) => !isRecomputed && before.process !== process,
      )
      expect(left).not.toEqual([])
      expect((await ask('{ trending { product { id } } }')).trending[0].product.id).toBe(
        encodeId('Product', '6'),
      )
    },
    { timeoutMs: 300_000 },
  )
  await Promise.all(jobs.map((job) => job.close()))
  for (const { now, leastAgeMs, isRecomputed, before } of later())
    expect(isRecomputed).toBe(Math.abs(now.getTime() - before.now.getTime()) >= leastAgeMs)
  const staleness = await repository.staleness(new Date())
  expect(staleness.map(({ name }) => name).sort()).toEqual(['CATEGORIES', 'DAY', 'MONTH', 'WEEK'])
  for (const { seconds } of staleness) expect(seconds).toBeGreaterThanOrEqual(0)
})

test('forgets what its time has come for, in each window by itself', async () => {
  const repository = createTrendingRepository(analytics.database.db)
  const counts = async () => (await repository.findLists(['DAY', 'WEEK'])).map((rows) => rows.length > 0)
  await view(9, 3)
  for (const list of ['DAY', 'WEEK'] as const) await repository.refresh(list, new Date())
  expect(await counts()).toEqual([true, true])
  const later = new Date(Date.now() + 3 * 86_400_000)
  for (const list of ['DAY', 'WEEK'] as const) await repository.refresh(list, later)
  expect(await counts()).toEqual([false, true])
})

test('forgets a category that has nothing left: no sales of the month, no products', async () => {
  const repository = createTrendingRepository(analytics.database.db)
  const of = async (categoryId: string) => {
    const [[top], [stats]] = await Promise.all([
      repository.findTopByCategories([categoryId], 1),
      repository.findCategoryStats([categoryId]),
    ])
    return { isListed: top!.length > 0, isCounted: stats!.views > 0 }
  }
  await repository.refresh('CATEGORIES', new Date())
  expect(await of('1')).toEqual({ isListed: true, isCounted: true })
  await repository.refresh('CATEGORIES', new Date(Date.now() + 40 * 86_400_000))
  expect(await of('1')).toEqual({ isListed: false, isCounted: true })
  // The clock that was ahead is right again, and is not waited for.
  await sql`update product_facts set category_ids = '{77}'`.execute(analytics.database.db)
  await repository.refresh('CATEGORIES', new Date())
  expect(await of('1')).toEqual({ isListed: false, isCounted: false })
  expect(await of('77')).toEqual({ isListed: true, isCounted: true })
})

import { randomUUID } from 'node:crypto'
import type { Invalidated, OutgoingMessage } from '@freshet/events'
import { publishOnlyBus } from '@freshet/events/testing'
import { createInvalidateOutward, encodeId } from '@freshet/subgraph'
import {
  type Answered,
  answersTo,
  changed,
  type FieldQuery,
  fieldQueries,
  leaks,
  missedChanges,
} from '@freshet/subgraph/testing'
import { afterAll, beforeAll, expect, test } from '@jest/globals'
import type { Activity } from '../src/activity/activity.events.ts'
import { invalidated } from '../src/invalidated.events.ts'
import { OUTWARD_MAX_AGE_SECONDS, requestDay } from '../src/request-day.ts'
import { createTrendingRefresh } from '../src/trending/trending.refresh.ts'
import { createTrendingRepository } from '../src/trending/trending.repository.ts'
import {
  admin,
  createDelivery,
  customer,
  insertFacts,
  makePartitions,
  openAnalytics,
  seller,
} from './harness.ts'

/* What analytics' answers tell the caches outside of it: what is kept for seconds only, and what by tags and for whom. */

const published: OutgoingMessage[] = []
const bus = publishOnlyBus(async (messages) => void published.push(...messages))

let analytics: Awaited<ReturnType<typeof openAnalytics>>
let queries: FieldQuery[]
let deliver: (activities: Activity[]) => Promise<void>
beforeAll(async () => {
  analytics = await openAnalytics({ bus })
  const { database, cache } = analytics
  await insertFacts(database, 5)
  await makePartitions(database)
  const invalidateOutward = createInvalidateOutward({ service: 'analytics', bus, cache, invalidated })
  deliver = createDelivery({ database, cache, invalidateOutward })
  const keys = (type: string, ids: readonly number[]) => ids.map((id) => ({ id: encodeId(type, String(id)) }))
  queries = fieldQueries(analytics.subgraph.schema, {
    args: {
      'Query.trending': ['', 'window: WEEK', 'window: MONTH'],
      'Query.dashboard': [`sellerId: "${encodeId('User', '9')}", days: 2`],
    },
    representations: {
      Product: keys('Product', [1, 2, 5]),
      Category: keys('Category', [1, 3]),
      User: keys('User', [7, 9]),
    },
  })
})
afterAll(() => analytics?.close())

async function everyAnswer(): Promise<Answered> {
  const answers = []
  for (const viewer of [null, customer, seller]) {
    answers.push(...(await answersTo(analytics.subgraph, queries, viewer)))
  }
  return answers
}

async function recomputeLists(): Promise<void> {
  const { database, cache, logger } = analytics
  const lists = createTrendingRefresh({ repository: createTrendingRepository(database.db), cache, logger })
  await lists.start()
  await lists.close()
}

const activity = (change: Partial<Activity>): Activity => ({
  activityId: randomUUID(),
  kind: 'VIEW',
  productId: '1',
  userId: null,
  quantity: 1,
  occurredAt: new Date().toISOString(),
  ...change,
})

test('what is kept longer than seconds is told of what was seen', async () => {
  const before = await everyAnswer()
  await deliver([
    activity({ userId: '7' }),
    activity({ userId: '7', productId: '2' }),
    activity({ kind: 'PURCHASE', productId: '2' }),
  ])
  await recomputeLists()
  // What the field cache served stale would hide what outer caches are not told.
  await analytics.cache.clear()
  const after = await everyAnswer()
  const told = published.map(({ topic, value }) => [
    topic,
    (JSON.parse(String(value)).data as Invalidated).tags,
  ])
  expect(told).toEqual([['analytics.invalidations', ['recently-viewed:7']]])
  // The change must be one that these queries see, of each kind, or the comparison proves nothing.
  expect(changed(before, after)).toEqual(
    expect.arrayContaining([
      '_entities.Product Product.stats ProductStats.views #0',
      'Query.trending TrendingProduct.score',
      'Query.dashboard Dashboard.views',
      '_entities.Category Category.stats CategoryStats.views #0',
      '_entities.User User.recentlyViewed RecentlyViewed.viewedAt #0',
    ]),
  )
  expect(missedChanges(before, after, ['recently-viewed:7'], OUTWARD_MAX_AGE_SECONDS)).toEqual([])
  // Nothing is told of the others: this says so, if it looks at all.
  expect(missedChanges(before, after, ['recently-viewed:7'])).not.toEqual([])
  expect(missedChanges(before, after, [], OUTWARD_MAX_AGE_SECONDS)).not.toEqual([])
})

test('nothing of one viewer is kept for another', async () => {
  const answers = []
  for (const viewer of [null, customer, seller, admin]) {
    answers.push(await answersTo(analytics.subgraph, queries, viewer))
  }
  expect(leaks(answers)).toEqual([])
  const names = changed(answers[1]!, answers[2]!)
  expect(names).toContain('Query.dashboard Dashboard.views')
  expect(names).toContain('_entities.User User.recentlyViewed RecentlyViewed.viewedAt #0')
})

test.each([
  ['_entities.Product Product.stats', '5 public without tags'],
  ['_entities.Product Product.trendRank', '5 public without tags'],
  ['_entities.Category Category.topProducts', '5 public without tags'],
  ['Query.trending TrendingProduct.rank', '5 public without tags'],
  ['Query.dashboard Dashboard.days', '5 private without tags'],
  ['_entities.Product Product.id', '3600 public without tags'],
])('%s is kept %s', async (field, expected) => {
  const began = requestDay(new Date())
  const asked = queries.filter(({ name }) => name.startsWith(field))
  const kept = (await answersTo(analytics.subgraph, asked, seller)).map((one) => one.kept)
  const texts = kept.map((one) =>
    one
      ? `${one.maxAge} ${one.isPrivate ? 'private' : 'public'} ${one.tags.join(' ') || 'without tags'}`
      : 'not',
  )
  // In the day's last seconds what counts back from today is kept for less, or not at all.
  const ended = requestDay(new Date())
  const isLate = ended.today !== began.today || ended.outwardMaxAgeSeconds < OUTWARD_MAX_AGE_SECONDS
  if (!isLate) expect([...new Set(texts)]).toEqual([expected])
})

test.each([
  ['2026-11-23T12:00:00.000Z', { today: '2026-11-23', outwardMaxAgeSeconds: 5 }],
  ['2026-11-23T23:59:55.000Z', { today: '2026-11-23', outwardMaxAgeSeconds: 5 }],
  ['2026-11-23T23:59:56.500Z', { today: '2026-11-23', outwardMaxAgeSeconds: 3 }],
  ['2026-11-30T23:59:59.001Z', { today: '2026-11-30', outwardMaxAgeSeconds: 0 }],
  ['2026-12-01T00:00:00.000Z', { today: '2026-12-01', outwardMaxAgeSeconds: 5 }],
])('what counts back from today is kept until midnight at most: at %s', (now, expected) => {
  expect(requestDay(new Date(now))).toEqual(expected)
})

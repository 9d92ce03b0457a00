import { eventually } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { ask, productId, signIn } from '../supergraph.ts'

test('tracked activity is counted once, through Kafka, and shows in the statistics and in what was seen lately', async () => {
  const id = productId(21)
  const token = await signIn('demo')
  const before = (await ask('ProductPage', { id })).data.product.stats
  const view = { id: crypto.randomUUID(), kind: 'VIEW', productId: id }
  const events = [view, { id: crypto.randomUUID(), kind: 'CART_ADD', productId: id }]
  const { data, errors } = await ask('Track', { input: { events } }, { token })
  expect(errors).toBeUndefined()
  expect(data.track).toEqual({ accepted: 2, userErrors: [] })
  // Sent again, as a client does that got no answer.
  await ask('Track', { input: { events: [view] } }, { token })
  // Something later on the same partition: once it is counted, so is all that came before it.
  await ask(
    'Track',
    { input: { events: [{ id: crypto.randomUUID(), kind: 'PURCHASE', productId: id }] } },
    { token },
  )

  await eventually(async () => {
    const { stats } = (await ask('ProductPage', { id })).data.product
    expect(stats).toMatchObject({ purchases: before.purchases + 1 })
    expect(stats).toMatchObject({ views: before.views + 1, cartAdds: before.cartAdds + 1 })
  })
  // What the gateway keeps of it ends by a word of its own: the page may have been new for another reason.
  await eventually(async () => {
    const { me } = (await ask('Me', {}, { token })).data
    expect(me.recentlyViewed[0]).toMatchObject({ product: { id } })
  })
})

test('a burst of activity moves a product to the top of the trending list within seconds', async () => {
  const id = productId(22)
  const events = Array.from({ length: 100 }, () => ({
    id: crypto.randomUUID(),
    kind: 'PURCHASE',
    productId: id,
  }))
  await ask('Track', { input: { events } })
  await ask('Track', { input: { events: events.map((event) => ({ ...event, id: crypto.randomUUID() })) } })
  await eventually(
    async () => {
      const { data } = await ask('{ trending(first: 1) { product { id trendRank } } }')
      expect(data.trending[0].product).toEqual({ id, trendRank: 1 })
    },
    // The list is computed twenty times less often than it takes: for minutes, if that once took seconds.
    { timeoutMs: 300_000 },
  )
})

import { eventually } from '@freshet/testing'
import { expect, test } from '@jest/globals'
import { ask, signIn, userId } from '../supergraph.ts'

test('one query fills the home page for a guest: trending, categories, new products', async () => {
  // The trending lists are computed right after the start.
  const { data, errors } = await eventually(async () => {
    const answer = await ask('HomePage')
    expect(answer.data.trending.length).toBe(10)
    return answer
  })
  expect(errors).toBeUndefined()
  expect(data.me).toBeNull()
  expect(data.categoryTree).toHaveLength(21)
  expect(data.newest.nodes).toHaveLength(8)
  const scores = data.trending.map((one: { score: number }) => one.score)
  expect(scores).toEqual([...scores].sort((a, b) => b - a))
  for (const { product } of data.trending) expect(product.seller.displayName).toEqual(expect.any(String))
})

test('greets who is signed in', async () => {
  const { data } = await ask('HomePage', {}, { token: await signIn('demo') })
  expect(data.me).toEqual({ id: userId(1), displayName: expect.any(String) })
})

import { expect, test } from '@jest/globals'
import { toSvg } from './plot.ts'

test.each([2, 3, 5])('%i databases have dots of their own, each with a size and a colour', (count) => {
  const products = Array.from({ length: count }, (_, i) => 10 ** (i + 3))
  const svg = toSvg(
    [{ name: 'a <query>', costs: products.map((ms) => ({ ms, buffers: ms })) }],
    products,
    'A plot',
  )
  const circles = [...svg.matchAll(/<circle [^>]*r="([^"]+)" fill="var\((--dot-\d)\)"/g)]
  expect(circles).toHaveLength(count * 3)
  const radii = circles.slice(0, count).map(([, r]) => Number(r))
  expect(radii).toEqual(radii.toSorted((a, b) => b - a))
  expect(new Set(radii).size).toBe(count)
  for (const [, , colour] of circles) expect(svg.split(`${colour}: rgb(`)).toHaveLength(3)
  expect(svg).toContain('a &lt;query&gt;')
})

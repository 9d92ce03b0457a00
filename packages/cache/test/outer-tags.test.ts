import { expect, test } from '@jest/globals'
import { boundedTags, invalidatedTags, qualifiedTags, serviceTag } from '../src/outer-tags.ts'

test('a tag belongs to its service: the same word of another service is another tag', () => {
  expect(qualifiedTags('catalog', ['product:1', 'product-list'])).toEqual([
    'catalog/product:1',
    'catalog/product-list',
  ])
  expect(serviceTag('catalog')).toBe('catalog/*')
})

test('an invalidation stands for the kinds of its tags too, each once', () => {
  expect(invalidatedTags('catalog', ['product:1', 'product:2', 'product-list'])).toEqual([
    'catalog/product:1',
    'catalog/product:2',
    'catalog/product-list',
    'catalog/product:*',
  ])
})

test('whatever an entry depends on, its bounded tags are hit by the same invalidations', () => {
  const tags = [
    ...Array.from({ length: 50 }, (_, i) => `catalog/product:${i}`),
    ...Array.from({ length: 30 }, (_, i) => `users/user:${i}`),
    'catalog/product-list',
  ]
  for (const most of [100, 60, 40, 5, 3]) {
    const bounded = new Set(boundedTags(tags, most)!)
    expect(bounded.size).toBeLessThanOrEqual(most)
    for (const tag of tags) {
      const [service = ''] = tag.split('/')
      const hit = invalidatedTags(service, [tag.slice(service.length + 1)]).some((one) => bounded.has(one))
      expect({ most, tag, hit }).toEqual({ most, tag, hit: true })
    }
  }
})

test('the largest kind is the first that is named as a whole', () => {
  const few = ['users/user:1', 'users/user:2']
  const many = Array.from({ length: 10 }, (_, i) => `catalog/product:${i}`)
  expect(boundedTags([...few, ...many], 3)).toEqual([...few, 'catalog/product:*'])
})

test('what depends on too many kinds of things has no tags to be kept under', () => {
  expect(boundedTags(['catalog/product-list', 'catalog/brand:1', 'users/user:1'], 2)).toBeNull()
})

test('a tag that can not be held stands for all of its service', () => {
  for (const tag of ['x'.repeat(193), 'a b', 'line\nfeed'])
    expect(invalidatedTags('catalog', ['product:1', tag])).toEqual([
      'catalog/product:1',
      'catalog/*',
      'catalog/product:*',
    ])
})

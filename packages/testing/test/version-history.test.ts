import { expect, test } from '@jest/globals'
import { createVersionHistory, hitLevel, UNCACHED } from '../src/index.ts'

test('requires of a read what was acknowledged before it began, and no more', () => {
  const history = createVersionHistory()
  history.note('a', 1, 10)
  history.note('a', 2, 20)
  history.note('b', 9, 5)
  expect([5, 10, 15, 20, 21].map((beganAtMs) => history.required('a', beganAtMs))).toEqual([
    null,
    null,
    1,
    1,
    2,
  ])
  expect(history.staleness('a', 1, 20)).toBeNull()
  expect(history.staleness('a', 1, 21)).toEqual({ required: 2, staleMs: 1 })
  expect(history.staleness('c', 0, 100)).toBeNull()
})

test('counts staleness from the first version that the answer had missed', () => {
  const history = createVersionHistory()
  for (const version of [1, 2, 3, 4]) history.note('a', version, version * 10)
  expect(history.staleness('a', 1, 45)).toEqual({ required: 4, staleMs: 25 })
  expect(history.staleness('a', 3, 45)).toEqual({ required: 4, staleMs: 5 })
})

test('takes what it is told in any order: it requires the highest of all that was noted before', () => {
  for (let round = 0; round < 200; round++) {
    const notes = Array.from({ length: 30 }, () => ({
      version: Math.floor(Math.random() * 20),
      atMs: Math.floor(Math.random() * 20),
    }))
    const history = createVersionHistory()
    for (const { version, atMs } of notes) history.note('a', version, atMs)
    for (let beganAtMs = 0; beganAtMs <= 21; beganAtMs++) {
      const before = notes.filter(({ atMs }) => atMs < beganAtMs)
      const highest = before.length === 0 ? null : Math.max(...before.map(({ version }) => version))
      expect(history.required('a', beganAtMs)).toBe(highest)
      const missed = before.filter(({ version }) => version > 7)
      const staleMs = beganAtMs - Math.min(...missed.map(({ atMs }) => atMs))
      expect(history.staleness('a', 7, beganAtMs)).toEqual(
        missed.length === 0 ? null : { required: highest, staleMs },
      )
    }
  }
})

test.each([
  [undefined, UNCACHED],
  ['', UNCACHED],
  ['freshet-answers; fwd=miss', UNCACHED],
  ['freshet-answers; hit', 'freshet-answers'],
  ['freshet-fetches; hit; ttl=30, freshet-answers; fwd=miss; stored', 'freshet-fetches'],
  ['freshet-fetches;hit,freshet-answers;hit', 'freshet-answers'],
  ['"a; hit, b"; fwd=uri-miss; detail="hit", inner; hit=?1', 'inner'],
  ['freshet-fetches; detail="hits=7 misses=2", freshet-answers; fwd=miss', 'freshet-fetches'],
  ['freshet-fetches; detail="hits=0 misses=9", freshet-answers; fwd=miss', UNCACHED],
])('reads the outermost hit of cache-status %p as %s', (header, level) => {
  expect(hitLevel(header)).toBe(level)
})

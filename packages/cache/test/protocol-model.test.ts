import { expect, test } from '@jest/globals'
import { type Broken, explore, type Fault } from './protocol-model.ts'

const small = { readers: 2, rounds: 2, writers: 2 }

test.each<[string, Fault | undefined]>([
  ['without a fault', undefined],
  ['with a flush at any moment', 'flush'],
  ['with a tag forgotten at any moment', 'forget'],
  ['with a restart from an older copy at any moment', 'restart'],
])(
  'in every order of two readers and two writers, %s, no read is older than what was acknowledged',
  (_, fault) => {
    const { states, violation, hits } = explore({ ...small, fault })
    expect(violation).toBeNull()
    expect(states).toBeGreaterThan(1_000)
    // A cache that never answers would be right too.
    expect(hits).toBeGreaterThan(100)
  },
)

test('three readers and one writer, in every order', () => {
  expect(explore({ readers: 3, rounds: 2, writers: 1 }).violation).toBeNull()
})

test.each<[Broken, Fault | undefined]>([
  ['a fill is never refused', undefined],
  ['an entry is stamped when it is stored', undefined],
  ['a read does not look at the tags', undefined],
  ['an invalidation precedes its commit', undefined],
  ['the snapshot is older than the read', undefined],
  ['a reader joins whatever load is under way', undefined],
  ['a forgotten tag does not raise the floor', 'forget'],
  ['a flush does not begin a new life', 'flush'],
  ['a restart from an older copy does not begin a new life', 'restart'],
])('the exploration finds the stale read when %s', (broken, fault) => {
  expect(explore({ ...small, fault, broken }).violation).not.toBeNull()
})

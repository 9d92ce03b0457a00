import { expect, test } from '@jest/globals'
import { explore } from './explorer.ts'
import { type Level, PROOFS } from './proofs.ts'
import { VARIANTS } from './variants.ts'

/** A few seconds each, on a machine that has nothing else to do. */
const TIMEOUT_MS = 300_000

/** The tests of one level; `promise`: in a sentence that goes on with "despite ...". */
export function testModelsOf(level: Level, promise: string): void {
  test.each(PROOFS.filter((proof) => proof.short && proof.level === level))(
    `in every order of steps ${promise}: $despite`,
    ({ model, never = [] }) => {
      const explored = explore(model())
      expect(explored.violation).toBeNull()
      // A model that can't do anything keeps every promise.
      expect(explored.never).toEqual(never)
      expect(explored.states).toBeGreaterThan(10_000)
    },
    TIMEOUT_MS,
  )

  test.each(VARIANTS.filter((variant) => variant.level === level))(
    'a stale answer is found when $broken',
    ({ model, by }) => {
      const { violation } = explore(model())
      expect(violation?.at(-1)?.replace(/\b\d+/g, '#')).toMatch(new RegExp(`${by}$`))
    },
    TIMEOUT_MS,
  )
}

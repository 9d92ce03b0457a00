import type { GraphQLResolveInfo } from 'graphql'
import { type Frame, noDependencies, type Recording } from './recording.ts'

/**
 * Gives each representation dependencies of its own.
 * @returns the representations as objects that can be told apart, even where the same one was given twice
 */
export function separate<Reference extends object>(
  recording: Recording,
  key: string | number,
  references: readonly Reference[],
): Reference[] {
  // Asked twice in one operation (under two names), it could not be said which representations are meant.
  if (recording.representations !== undefined) recording.whole.dependencies.untold = true
  const own = references.map((reference) => ({ ...reference }))
  const frames = own.map((): Frame => ({ recording, dependencies: noDependencies(), reader: 'resolver' }))
  recording.representations = {
    key,
    frames,
    frameOf: new WeakMap(own.map((reference, index) => [reference, frames[index]!])),
  }
  return own
}

/** The frame of a resolver, by its place in the answer: `_entities.3.price` belongs to representation 3. */
export function frameAt(recording: Recording, path: GraphQLResolveInfo['path']): Frame {
  const { whole, representations } = recording
  // Nothing but `_entities` has parts, and most answers have none of it: they don't look where they are.
  if (representations === undefined) return whole
  let { prev: parent, key } = path
  while (parent?.prev !== undefined) ({ prev: parent, key } = parent)
  return parent?.key === representations.key ? (representations.frames[Number(key)] ?? whole) : whole
}

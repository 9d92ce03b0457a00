import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import { currentFrame, within } from './recording.ts'
import { frameAt, separate } from './representations.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/**
 * Makes every resolver of the schema run in the frame of the part of the answer that it makes: what it loads, whoever's
 * batch it ends up in, is noted there. Fields without a resolver read a property of a row that has been noted already.
 */
export function recordResolvers(schema: GraphQLSchema): void {
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const field of Object.values(type.getFields())) {
      if (field.resolve === undefined) continue
      const isEntities = type === schema.getQueryType() && field.name === '_entities'
      field.resolve = isEntities ? recordedEntities(field.resolve) : recorded(field.resolve)
    }
  }
}

function recorded(resolve: Resolver): Resolver {
  return (source, args, context, info) => {
    const here = currentFrame()
    if (here === undefined) return resolve(source, args, context, info)
    const frame = frameAt(here.recording, info.path)
    if (frame === here) return resolve(source, args, context, info)
    return within(frame, () => resolve(source, args, context, info))
  }
}

function recordedEntities(resolve: Resolver): Resolver {
  return (source, args: { representations: object[] }, context, info) => {
    const here = currentFrame()
    if (here === undefined) return resolve(source, args, context, info)
    const representations = separate(here.recording, info.path.key, args.representations)
    return resolve(source, { ...args, representations }, context, info)
  }
}

/** A `__resolveReference` in the frame of its representation. */
export function recordedReference<Arguments extends [reference: object, ...unknown[]], Result>(
  resolve: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  return (...args) => {
    const frame = currentFrame()?.recording.representations?.frameOf.get(args[0])
    return frame === undefined ? resolve(...args) : within(frame, () => resolve(...args))
  }
}

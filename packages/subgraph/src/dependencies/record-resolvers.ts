import { types } from 'node:util'
import { type GraphQLFieldResolver, type GraphQLSchema, isObjectType } from 'graphql'
import { asking, currentFrame, within } from './recording.ts'
import { frameAt, separate } from './representations.ts'

type Resolver = GraphQLFieldResolver<unknown, unknown>

/**
 * Makes every resolver of the schema run in the frame of the part of the answer that it makes: what it loads, whoever's
 * batch it ends up in, is noted there. Fields without a resolver read a property of a row that has been noted already.
 */
export function recordResolvers(schema: GraphQLSchema): void {
  const roots = [schema.getQueryType(), schema.getMutationType()]
  for (const type of Object.values(schema.getTypeMap())) {
    if (!isObjectType(type) || type.name.startsWith('__')) continue
    for (const { name, resolve } of Object.values(type.getFields())) {
      if (resolve === undefined) continue
      const field = `${type.name}.${name}`
      const isEntities = type === schema.getQueryType() && name === '_entities'
      // What goes on after an await needs a frame that stays with it. Of the others there are many more, one per row.
      const goesOn = roots.includes(type) || types.isAsyncFunction(resolve)
      const recorded = isEntities
        ? entities(resolve)
        : goesOn
          ? lasting(resolve, field)
          : brief(resolve, field)
      type.getFields()[name]!.resolve = recorded
    }
  }
}

function brief(resolve: Resolver, field: string): Resolver {
  return (source, args, context, info) => {
    const here = currentFrame()
    if (here === undefined) return resolve(source, args, context, info)
    const frame = frameAt(here.recording, info.path)
    return asking(here.recording, field, () =>
      frame === here
        ? resolve(source, args, context, info)
        : within(frame, () => resolve(source, args, context, info)),
    )
  }
}

function lasting(resolve: Resolver, field: string): Resolver {
  return (source, args, context, info) => {
    const here = currentFrame()
    if (here === undefined) return resolve(source, args, context, info)
    const { recording, dependencies, reader } = frameAt(here.recording, info.path)
    return within({ recording, dependencies, reader, field }, () => resolve(source, args, context, info))
  }
}

function entities(resolve: Resolver): Resolver {
  return (source, args: { representations: object[] }, context, info) => {
    const here = currentFrame()
    if (here === undefined) return resolve(source, args, context, info)
    const representations = separate(here.recording, info.path.key, args.representations)
    return resolve(source, { ...args, representations }, context, info)
  }
}

/** A `__resolveReference` in the frame of its representation. Its field is `_entities.Product`, by its type. */
export function recordedReference<Arguments extends [reference: object, ...unknown[]], Result>(
  type: string,
  resolve: (...args: Arguments) => Result,
): (...args: Arguments) => Result {
  const field = `_entities.${type}`
  return (...args) => {
    const recording = currentFrame()?.recording
    const frame = recording?.representations?.frameOf.get(args[0])
    if (recording === undefined || frame === undefined) return resolve(...args)
    return asking(recording, field, () => within(frame, () => resolve(...args)))
  }
}

import { GraphQLError } from 'graphql'

/**
 * The client sent something that can't be: `BAD_USER_INPUT`, with the argument's name for programs.
 * @param argument as the client wrote it: `first`, `input.title`, `input.events[3].quantity`
 * @param message for people: says what is expected, and names the argument too
 */
export function badUserInput(argument: string, message: string): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'BAD_USER_INPUT', argument } })
}

/** Only a signed-in viewer may do this: `UNAUTHENTICATED`. */
export function unauthenticated(message = 'Sign in first'): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'UNAUTHENTICATED' } })
}

/** This viewer may not do this: `FORBIDDEN`. */
export function forbidden(message = 'You may not do this'): GraphQLError {
  return new GraphQLError(message, { extensions: { code: 'FORBIDDEN' } })
}

/**
 * A part that this needs is away, and nothing was done: `UNAVAILABLE`. Trying again later makes sense.
 * @param message for people
 * @param options.cause what failed; it stays here
 */
export function unavailable(message: string, options: { cause?: Error } = {}): GraphQLError {
  return new GraphQLError(message, { originalError: options.cause, extensions: { code: 'UNAVAILABLE' } })
}
